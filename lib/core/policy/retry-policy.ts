import { checkedInteger, checkedPriority } from '../checks/checks';
import { read } from '../checks/text';
import { type Backoff, type CheckedBackoff, checkedBackoff, waitOf } from './backoff';
import { BuryJob, type Outcome, reasonOf, ReleaseJob } from './outcome';

export type { Backoff, StoredBackoff } from './backoff';

export interface RetryOptions {
  /** How often a handler is started for one job before it is buried, at least 1. @default 1 */
  readonly attempts?: number;
  /** The wait before the next attempt. @default 0, at once */
  readonly backoff?: Backoff;
}

/** Checked retry options, in seconds. */
export interface CheckedRetry {
  readonly attempts?: number;
  readonly backoff?: CheckedBackoff;
}

/** Decides what becomes of a job whose handler threw. Never throws. */
export type RetryPolicy = (error: unknown, attempt: number) => Outcome;

/** @throws InvalidJobOptionError */
export function checkedRetry({ attempts, backoff }: RetryOptions): CheckedRetry {
  return {
    ...(attempts !== undefined && { attempts: checkedInteger('attempts', attempts, 1) }),
    ...(backoff !== undefined && { backoff: checkedBackoff(backoff) }),
  };
}

/** @throws InvalidJobOptionError */
export function retryPolicy(options: RetryOptions = {}, random: () => number = Math.random): RetryPolicy {
  const { attempts = 1, backoff = 0 } = checkedRetry(options);
  const wait = waitOf(backoff, random);
  return (error, attempt) => {
    if (error instanceof BuryJob) return { outcome: 'bury', reason: reasonOf(error), ...priorityOf(error) };
    if (error instanceof ReleaseJob) {
      const delay = read(error, 'delay');
      return {
        outcome: 'release',
        delay: typeof delay === 'number' ? delay : 0,
        planned: true,
        ...priorityOf(error),
      };
    }
    if (attempt >= attempts) return { outcome: 'bury', reason: reasonOf(error) };
    return { outcome: 'release', delay: wait(error, attempt), reason: reasonOf(error) };
  };
}

/** A subclass, or a class of another copy of this package, may hold anything. */
function priorityOf(error: Error): { priority?: number } {
  const priority = read(error, 'priority');
  try {
    return priority === undefined ? {} : { priority: checkedPriority(priority) };
  } catch {
    return {};
  }
}
