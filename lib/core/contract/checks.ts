import { InvalidJobOptionError } from './errors';
import type { Seconds } from './job-data';

/** beanstalkd keeps priorities, delays and times to run as unsigned 32-bit numbers. */
export const MAX_UINT32 = 4_294_967_295;

export function checkedPriority(value: unknown): number {
  return checkedInteger('priority', value, 0);
}

/** A whole number from `least` to `most`, as limits, counts and priorities are. */
export function checkedInteger(option: string, value: unknown, least: number, most = MAX_UINT32): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new InvalidJobOptionError(option, value, `use a whole number from ${least} to ${most}`);
  }
  return value;
}

export function checkedBoolean(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new InvalidJobOptionError(option, value, 'use true or false');
  return value;
}

/** A length of time in seconds, whole or broken. */
export function checkedSeconds(option: string, value: unknown, least = 0): Seconds {
  if (typeof value !== 'number' || !(value >= least && value <= MAX_UINT32)) {
    throw new InvalidJobOptionError(option, value, `use seconds from ${least} to ${MAX_UINT32}`);
  }
  return value;
}

/** Whole milliseconds, rounded up so that nothing happens early. */
export function milliseconds(seconds: Seconds): number {
  return Math.ceil(seconds * 1000);
}
