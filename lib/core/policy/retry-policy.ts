import { checkedInteger, checkedSeconds } from '../contract/checks';
import { InvalidConfigurationError, shown } from '../contract/errors';
import type { Seconds } from '../contract/job-data';
import { BuryJob, type Outcome, reasonOf, ReleaseJob } from './outcome';

/**
 * The wait before the next attempt.
 * - a number: that many seconds
 * - `fixed`: `delay` seconds
 * - `exponential`: `delay` × 2^(attempt − 1) seconds, at most `max` (default 3600)
 * - a function of the error and of the attempt that failed, in seconds
 *
 * `jitter` (0 … 1) shortens a wait by a random part of it, so that jobs that failed together do not come back
 * together; default 0 for `fixed`, 0.2 for `exponential`.
 */
export type Backoff = StoredBackoff | ((error: unknown, attempt: number) => Seconds);

/** A backoff that can be kept with a job. */
export type StoredBackoff =
  | Seconds
  | { readonly type: 'fixed'; readonly delay: Seconds; readonly jitter?: number }
  | {
      readonly type: 'exponential';
      readonly delay: Seconds;
      readonly max?: Seconds;
      readonly jitter?: number;
    };

export interface RetryOptions {
  /** How often a handler is started for one job before it is buried, at least 1; default 1. */
  readonly attempts?: number;
  /** Default 0: again at once. */
  readonly backoff?: Backoff;
}

/** Decides what becomes of a job whose handler threw. */
export type RetryPolicy = (error: unknown, attempt: number) => Outcome;

const DEFAULT_MAX_BACKOFF: Seconds = 3600;
/** More of them exceed every possible wait, and at last every number. */
const MOST_DOUBLINGS = 64;
const DEFAULT_EXPONENTIAL_JITTER = 0.2;

export function retryPolicy(options: RetryOptions = {}, random: () => number = Math.random): RetryPolicy {
  const attempts = checkedInteger('attempts', options.attempts ?? 1, 1);
  const wait = waitOf(options.backoff ?? 0, random);
  return (error, attempt) => {
    if (error instanceof BuryJob) return { outcome: 'bury', reason: reasonOf(error), ...priorityOf(error) };
    if (error instanceof ReleaseJob) return { outcome: 'release', delay: error.delay, ...priorityOf(error) };
    if (attempt >= attempts) return { outcome: 'bury', reason: reasonOf(error) };
    return { outcome: 'release', delay: wait(error, attempt) };
  };
}

function priorityOf(error: { readonly priority?: number }): { priority?: number } {
  return error.priority === undefined ? {} : { priority: error.priority };
}

function waitOf(backoff: Backoff, random: () => number): (error: unknown, attempt: number) => Seconds {
  // A user's function may answer nonsense in the middle of the night: then the job waits the default, it is not lost.
  if (typeof backoff === 'function') return (error, attempt) => asked(backoff, error, attempt);
  if (typeof backoff === 'number') return fixed(checkedSeconds('backoff', backoff), 0, random);
  switch (backoff.type) {
    case 'fixed':
      return fixed(
        checkedSeconds('backoff.delay', backoff.delay),
        checkedJitter(backoff.jitter ?? 0),
        random,
      );
    case 'exponential':
      return exponential(
        checkedSeconds('backoff.delay', backoff.delay),
        checkedSeconds('backoff.max', backoff.max ?? DEFAULT_MAX_BACKOFF),
        checkedJitter(backoff.jitter ?? DEFAULT_EXPONENTIAL_JITTER),
        random,
      );
    default:
      throw new InvalidConfigurationError(
        `backoff ${shown(JSON.stringify(backoff))} is not known: use seconds, { type: 'fixed', delay }, { type: 'exponential', delay } or a function.`,
      );
  }
}

function asked(
  backoff: (error: unknown, attempt: number) => Seconds,
  error: unknown,
  attempt: number,
): Seconds {
  try {
    return sane(backoff(error, attempt));
  } catch {
    return sane(undefined);
  }
}

function fixed(delay: Seconds, jitter: number, random: () => number) {
  return (): Seconds => delay * (1 - jitter * random());
}

function exponential(delay: Seconds, max: Seconds, jitter: number, random: () => number) {
  return (_error: unknown, attempt: number): Seconds =>
    Math.min(max, delay * 2 ** Math.min(attempt - 1, MOST_DOUBLINGS)) * (1 - jitter * random());
}

function sane(seconds: unknown): Seconds {
  return typeof seconds === 'number' && seconds >= 0 && seconds <= DEFAULT_MAX_BACKOFF * 24 * 365
    ? seconds
    : 1;
}

function checkedJitter(jitter: number): number {
  if (!(jitter >= 0 && jitter <= 1)) {
    throw new InvalidConfigurationError(`backoff.jitter ${shown(jitter)} is not possible: use 0 … 1.`);
  }
  return jitter;
}
