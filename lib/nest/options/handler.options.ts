import { checkedBoolean, checkedDuration, checkedInteger, MAX_INT32 } from '../../core/checks/checks';
import type { Duration } from '../../core/checks/duration';
import { checkedOptions, type OptionNames } from '../../core/checks/options';
import { mustBe } from '../../core/contract/errors';
import type { Seconds } from '../../core/contract/job-data';
import { unitWarning } from '../../core/policy/backoff';
import { type CheckedKeep, checkedKeep, type KeepOptions } from '../../core/policy/keep';
import { type CheckedRetry, checkedRetry, type RetryOptions } from '../../core/policy/retry-policy';
import { MOST_PREFETCHED } from '../../core/worker/intake';

/**
 * How jobs are handled. These options may stand in the module's `defaults`, in `@Processor()` and in `@Process()`; for
 * each option, the one nearest to the method counts.
 */
export interface HandlerOptions extends RetryOptions {
  /** How many jobs of the pipeline run at once in this process, 1 … 2147483647. @default 1 */
  readonly concurrency?: number;
  /** How many leases of one job may run out, because a worker died, before the job is buried; at least 1. @default 3 */
  readonly maxLost?: number;
  /**
   * Prefetch: reserve up to 100 ms of work before slots are free, when the handler is quick (SQL backends). `false` keeps
   * the order exact: no prefetched job runs before a more urgent one that came later.
   *
   * A number, up to 1000, is the most that wait for a slot. With more of them very quick handlers get through a backlog
   * sooner; when the process is killed, all of them wait until another one knows, or for the end of their leases.
   *
   * @default true, which is 100 with those that run, or ten for each slot with a concurrency of more than 50; of a
   * server 2000 while all workers of the queue are where a killed one is soon known
   */
  readonly prefetch?: boolean | number;
  /** After this time the job's signal aborts and the attempt fails. @default 0, which is never */
  readonly timeout?: Duration;
  /**
   * How long a reservation lasts without a sign of life, at least one second. For jobs of the pipeline that this
   * application adds without a `ttr` of their own; a program without the processor passes its own.
   *
   * @default 60
   */
  readonly ttr?: Duration;
  /**
   * How long jobs are kept when they are completed, with what their handlers return, and when they are buried. Nothing is
   * kept of completed jobs without it, and buried ones stay. Not on beanstalkd.
   *
   * @example { completed: '7d', buried: { for: '90d', count: 10_000 } }
   */
  readonly keep?: KeepOptions;
  /**
   * Give the handler `job.transaction`, a transaction of the application's that is under way. What it writes with it
   * commits together with the job's deletion, so it happens exactly once, even when the worker dies at any point. When
   * the handler throws, returns `false` or takes too long, it is rolled back. Needs `typeOrmBackend()`, or
   * `sqlBackend(url, { transaction })`.
   *
   * @default false
   */
  readonly transaction?: boolean;
}

export const HANDLER_OPTIONS: OptionNames<HandlerOptions> = {
  concurrency: true,
  attempts: true,
  backoff: true,
  timeout: true,
  ttr: true,
  maxLost: true,
  prefetch: true,
  transaction: true,
  keep: true,
};

/** Complete and checked handler options. */
export interface HandlerSettings {
  readonly concurrency: number;
  readonly prefetch: boolean | number;
  readonly retry: CheckedRetry;
  /** A warning about a backoff that may be meant in milliseconds. */
  readonly unitWarning: string | undefined;
  readonly maxLost: number;
  readonly timeout: Seconds;
  /** Undefined: that of the job, or the default. */
  readonly ttr: Seconds | undefined;
  readonly transaction: boolean;
  readonly keep: CheckedKeep;
}

function checkedPrefetch(value: unknown): boolean | number {
  if (typeof value === 'boolean') return value;
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > MOST_PREFETCHED)
    throw mustBe('prefetch', `true, false or an integer from 0 to ${MOST_PREFETCHED}`, value);
  return value === 0 ? false : (value as number);
}

/**
 * Merges options, from the farthest from the method to the nearest.
 *
 * @throws {InvalidJobOptionError} for an option that does not exist or is out of range
 */
export function handlerSettings(...levels: readonly HandlerOptions[]): HandlerSettings {
  const options = levels.reduce<HandlerOptions>(
    (far, near) => ({ ...far, ...checkedOptions(near, HANDLER_OPTIONS) }),
    {},
  );
  return {
    concurrency: checkedInteger('concurrency', options.concurrency ?? 1, 1, MAX_INT32),
    prefetch: checkedPrefetch(options.prefetch ?? true),
    retry: checkedRetry(options),
    unitWarning: unitWarning(options.backoff),
    maxLost: checkedInteger('maxLost', options.maxLost ?? 3, 1),
    timeout: checkedDuration('timeout', options.timeout ?? 0),
    ttr: options.ttr === undefined ? undefined : checkedDuration('ttr', options.ttr, 1),
    transaction: checkedBoolean('transaction', options.transaction ?? false),
    keep: checkedKeep(options.keep),
  };
}
