import { checkedDuration } from '../checks/checks';
import { type Duration, secondsOf } from '../checks/duration';
import { checkedOptions, type OptionNames } from '../checks/options';
import { read } from '../checks/text';
import { mustBe } from '../contract/errors';
import type { Seconds } from '../contract/job-data';

/**
 * The wait before the next attempt.
 * - a duration
 * - `fixed`: `delay`
 * - `exponential`: `delay` × 2^(attempt − 1), at most `max` (default one hour)
 * - a function of the error and the attempt that failed; when it throws or returns no duration, the job waits 1 s
 *
 * `jitter` (0 … 1) shortens the wait by a random part of it, so that jobs that failed together do not come back
 * together. Its default is 0 for `fixed` and 0.2 for `exponential`. Numbers are seconds.
 *
 * @example { type: 'exponential', delay: '1s', max: '10m' }
 */
export type Backoff = StoredBackoff | ((error: unknown, attempt: number) => Duration);

/** A backoff that can be stored with a job. */
export type StoredBackoff =
  | Duration
  | { readonly type: 'fixed'; readonly delay: Duration; readonly jitter?: number }
  | {
      readonly type: 'exponential';
      readonly delay: Duration;
      readonly max?: Duration;
      readonly jitter?: number;
    };

/** A backoff in seconds. */
export type CheckedBackoff =
  | Seconds
  | { readonly type: 'fixed'; readonly delay: Seconds; readonly jitter?: number }
  | {
      readonly type: 'exponential';
      readonly delay: Seconds;
      readonly max?: Seconds;
      readonly jitter?: number;
    }
  | ((error: unknown, attempt: number) => Duration);

export type Wait = (error: unknown, attempt: number) => Seconds;

type Shape = Extract<StoredBackoff, { type: 'exponential' }>;

const SHAPE: OptionNames<Shape> = { type: true, delay: true, max: true, jitter: true };
const DEFAULT_MAX: Seconds = 3600;
const DEFAULT_EXPONENTIAL_JITTER = 0.2;
/** With more doublings the wait exceeds every limit, and in the end every number. */
const MOST_DOUBLINGS = 64;
/** The function of an application may return nonsense: no job waits for more than a year. */
const LONGEST_ASKED: Seconds = 365 * 86_400;
/** From here on, a number is more likely meant as milliseconds. */
const LIKELY_MILLISECONDS = 1000;

/** @throws InvalidJobOptionError */
export function checkedBackoff(backoff: Backoff): CheckedBackoff {
  if (typeof backoff === 'function') return backoff;
  if (typeof backoff !== 'object' || backoff === null) return checkedDuration('backoff', backoff);
  const { type, delay, max, jitter } = checkedOptions(backoff as Shape, SHAPE, 'backoff');
  if ((type as string) !== 'fixed' && type !== 'exponential') {
    throw mustBe('backoff.type', "'fixed' or 'exponential'", type);
  }
  if (type !== 'exponential' && max !== undefined)
    throw mustBe('backoff.max', "left out of type 'fixed'", max);
  return {
    type,
    delay: checkedDuration('backoff.delay', delay),
    ...(max !== undefined && { max: checkedDuration('backoff.max', max) }),
    ...(jitter !== undefined && { jitter: checkedJitter(jitter) }),
  };
}

export function waitOf(backoff: CheckedBackoff, random: () => number): Wait {
  if (typeof backoff === 'function') return (error, attempt) => asked(backoff, error, attempt);
  if (typeof backoff === 'number') return () => backoff;
  const { delay } = backoff;
  if (backoff.type === 'fixed') return () => delay * (1 - (backoff.jitter ?? 0) * random());
  const { max = DEFAULT_MAX, jitter = DEFAULT_EXPONENTIAL_JITTER } = backoff;
  return (_error, attempt) =>
    Math.min(max, delay * 2 ** Math.min(attempt - 1, MOST_DOUBLINGS)) * (1 - jitter * random());
}

/** A warning about a number that may be meant as milliseconds, as in BullMQ. */
export function unitWarning(backoff: unknown): string | undefined {
  const number = typeof backoff === 'object' ? read(backoff, 'delay') : backoff;
  if (typeof number !== 'number' || number < LIKELY_MILLISECONDS) return undefined;
  return `the backoff ${number} means ${number} seconds; write '${number}ms' for milliseconds, or '${number}s' if it is meant`;
}

function asked(
  backoff: (error: unknown, attempt: number) => Duration,
  error: unknown,
  attempt: number,
): Seconds {
  try {
    const seconds = secondsOf(backoff(error, attempt));
    if (seconds !== undefined && seconds >= 0 && seconds <= LONGEST_ASKED) return seconds;
  } catch {
    // Below.
  }
  return 1;
}

function checkedJitter(jitter: unknown): number {
  if (typeof jitter !== 'number' || !(jitter >= 0 && jitter <= 1)) {
    throw mustBe('backoff.jitter', 'a number from 0 to 1', jitter);
  }
  return jitter;
}
