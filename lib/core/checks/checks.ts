import { mustBe } from '../contract/errors';
import type { Seconds } from '../contract/job-data';
import { type Duration, secondsOf } from './duration';

/** beanstalkd keeps priorities, delays and times to run as unsigned 32-bit numbers. */
export const MAX_UINT32 = 4_294_967_295;
/** The largest limit that a database takes, and the longest timer in milliseconds. */
export const MAX_INT32 = 2_147_483_647;

export function checkedPriority(value: unknown): number {
  return checkedInteger('priority', value, 0);
}

/** Checks an integer from `least` to `most`: a limit, a count, a priority. */
export function checkedInteger(option: string, value: unknown, least: number, most = MAX_UINT32): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw mustBe(option, `an integer from ${least} to ${most}`, value);
  }
  return value;
}

export function checkedBoolean(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw mustBe(option, 'true or false', value);
  return value;
}

export function checkedText(option: string, value: unknown): string {
  if (typeof value !== 'string') throw mustBe(option, 'a text', value);
  return value;
}

/** Checks a duration of at least `least` seconds. Returns it in seconds, an integer or a fraction. */
export function checkedDuration(option: string, value: Duration, least: Seconds = 0): Seconds {
  const seconds = secondsOf(value);
  if (seconds !== undefined && seconds >= least && seconds <= MAX_UINT32) return seconds;
  throw mustBe(option, `a duration of ${least} to ${MAX_UINT32} seconds, as 10 or '10s'`, value);
}

/** Whole milliseconds, rounded up so that nothing happens early. */
export function milliseconds(seconds: Seconds): number {
  return Math.ceil(seconds * 1000);
}
