import { InvalidJobOptionError } from './errors';
import type { NewJob, Seconds } from './job';

export const DEFAULT_PRIORITY = 1024;
export const DEFAULT_TTR: Seconds = 60;
/** beanstalkd keeps priorities, delays and times to run as unsigned 32-bit numbers. */
export const MAX_UINT32 = 4_294_967_295;

/** How one job is to be treated. */
export interface JobOptions {
  /** Seconds until the job is ready, 0 … 4294967295; default 0. */
  readonly delay?: Seconds;
  /** 0 (most urgent) … 4294967295; default 1024. */
  readonly priority?: number;
  /** Seconds that a reservation lasts without a sign of life, 1 … 4294967295; default 60. */
  readonly ttr?: Seconds;
}

/** Completes and checks; throws `InvalidJobOptionError` before anything is stored. */
export function newJob(payload: string, options: JobOptions = {}): NewJob {
  return {
    payload,
    priority: checkedPriority(options.priority ?? DEFAULT_PRIORITY),
    delay: checkedSeconds('delay', options.delay ?? 0),
    ttr: checkedSeconds('ttr', options.ttr ?? DEFAULT_TTR, 1),
  };
}

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
