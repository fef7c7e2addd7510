import { checkedPriority, checkedSeconds } from '../contract/checks';
import { InvalidJobOptionError } from '../contract/errors';
import type { NewJob, Seconds } from '../contract/job-data';
import { retryPolicy, type StoredBackoff } from './retry-policy';

export const DEFAULT_PRIORITY = 1024;
export const DEFAULT_TTR: Seconds = 60;

const NAMES: ReadonlySet<string> = new Set<keyof JobOptions>([
  'delay',
  'priority',
  'ttr',
  'attempts',
  'backoff',
]);

/** How one job is to be treated. */
export interface JobOptions {
  /** Seconds until the job is ready, 0 … 4294967295; default 0. */
  readonly delay?: Seconds;
  /** 0 (most urgent) … 4294967295; default 1024. */
  readonly priority?: number;
  /** Seconds that a reservation lasts without a sign of life, 1 … 4294967295; default 60. */
  readonly ttr?: Seconds;
  /** This job's own, instead of the processor's. Not on beanstalkd, which keeps nothing beside the payload. */
  readonly attempts?: number;
  /** This job's own, instead of the processor's; a function cannot be stored. Not on beanstalkd. */
  readonly backoff?: StoredBackoff;
}

/** Completes and checks; throws `InvalidJobOptionError` before anything is stored. */
export function newJob(payload: string, options: JobOptions = {}): NewJob {
  // A name that is spelt wrong would be an option that is left out.
  for (const name in options) {
    if (!NAMES.has(name))
      throw new InvalidJobOptionError(name, options[name as never], `use ${[...NAMES].join(', ')}`);
  }
  return {
    payload,
    priority: checkedPriority(options.priority ?? DEFAULT_PRIORITY),
    delay: checkedSeconds('delay', options.delay ?? 0),
    ttr: checkedSeconds('ttr', options.ttr ?? DEFAULT_TTR, 1),
    ...retryOf(options),
  };
}

function retryOf({ attempts, backoff }: JobOptions): { retry?: string } {
  if (attempts === undefined && backoff === undefined) return {};
  if (typeof backoff === 'function') {
    throw new InvalidJobOptionError(
      'backoff',
      'a function',
      'a job can only keep seconds, fixed or exponential',
    );
  }
  const retry = { ...(attempts !== undefined && { attempts }), ...(backoff !== undefined && { backoff }) };
  retryPolicy(retry);
  return { retry: JSON.stringify(retry) };
}
