import { checkedDuration, checkedPriority } from '../checks/checks';
import type { Duration } from '../checks/duration';
import { checkedOptions, type OptionNames } from '../checks/options';
import { InvalidJobOptionError } from '../contract/errors';
import type { NewJob, Seconds } from '../contract/job-data';
import { checkedJobKeep, type JobKeepOptions } from './keep';
import { checkedRetry, type StoredBackoff } from './retry-policy';
import { checkedUnique, type UniqueOptions } from './unique-options';

export const DEFAULT_PRIORITY = 1024;
export const DEFAULT_TTR: Seconds = 60;

export const JOB_OPTIONS: OptionNames<JobOptions> = {
  delay: true,
  priority: true,
  ttr: true,
  attempts: true,
  backoff: true,
  keep: true,
  unique: true,
};

/** How one job is to be treated. */
export interface JobOptions {
  /** How long until the job is ready, up to 4294967295 seconds. @default 0 */
  readonly delay?: Duration;
  /** 0 (most urgent) … 4294967295. @default 1024 */
  readonly priority?: number;
  /**
   * How long a reservation lasts without a sign of life, 1 … 4294967295 seconds.
   *
   * @default the `ttr` of the pipeline's processor in this application, else of the queue's `defaults`, else 60
   */
  readonly ttr?: Duration;
  /** This job's own, instead of the processor's. Not on beanstalkd, which keeps nothing beside the payload. */
  readonly attempts?: number;
  /** This job's own, instead of the processor's; a function cannot be stored. Not on beanstalkd. */
  readonly backoff?: StoredBackoff;
  /** How this job is kept when it is completed, instead of as its processor says. Not on beanstalkd. */
  readonly keep?: JobKeepOptions;
  /**
   * The key of a job that the pipeline has only once at a time, or that and what becomes of a second one. Not on
   * beanstalkd.
   */
  readonly unique?: string | UniqueOptions;
}

/**
 * Completes and checks.
 *
 * @throws InvalidJobOptionError before anything is stored
 */
export function newJob(payload: string, given: JobOptions = {}, defaultTtr: Seconds = DEFAULT_TTR): NewJob {
  return jobOf(payload, checkedOptions(given, JOB_OPTIONS), defaultTtr);
}

/** As `newJob`, of options whose names are checked. */
export function jobOf(payload: string, options: JobOptions, defaultTtr: Seconds): NewJob {
  const job: { -readonly [Name in keyof NewJob]: NewJob[Name] } = {
    payload,
    priority: checkedPriority(options.priority ?? DEFAULT_PRIORITY),
    delay: checkedDuration('delay', options.delay ?? 0),
    ttr: checkedDuration('ttr', options.ttr ?? defaultTtr, 1),
  };
  // Set one by one: to spread what may be there took longer than all of the checks.
  const retry = retryOf(options);
  if (retry !== undefined) job.retry = retry;
  if (options.unique !== undefined) job.unique = checkedUnique(options.unique, job.delay);
  return job;
}

function retryOf({ attempts, backoff, keep }: JobOptions): string | undefined {
  if (attempts === undefined && backoff === undefined && keep === undefined) return undefined;
  if (typeof backoff === 'function') {
    throw new InvalidJobOptionError(
      'backoff cannot be a function here: a job can only keep a duration, fixed or exponential',
    );
  }
  const retry = { ...(attempts !== undefined && { attempts }), ...(backoff !== undefined && { backoff }) };
  const own = { ...checkedRetry(retry), ...(keep !== undefined && { keep: checkedJobKeep(keep) }) };
  return JSON.stringify(own);
}
