import { checkedBoolean, checkedDuration, checkedInteger, MAX_INT32 } from '../../core/checks/checks';
import type { Duration } from '../../core/checks/duration';
import { checkedOptions, type OptionNames } from '../../core/checks/options';
import type { Seconds } from '../../core/contract/job-data';
import { unitWarning } from '../../core/policy/backoff';
import { type CheckedRetry, checkedRetry, type RetryOptions } from '../../core/policy/retry-policy';

/**
 * How jobs are handled. May stand at the module (`defaults`), at `@Processor()` and at `@Process()`: for each
 * option the nearest one to the method counts.
 */
export interface HandlerOptions extends RetryOptions {
  /** How many jobs of the pipeline run at once in this process, 1 … 2147483647. @default 1 */
  readonly concurrency?: number;
  /** How many reservations of one job may run out, each time by a worker that died, before it is buried; at least 1, default 3. */
  readonly maxLost?: number;
  /**
   * Reserve up to 100 ms of work ahead of free slots when the handler is quick (SQL backends); default true.
   * `false` keeps the order exact: a more urgent job that comes later is passed over by none that was taken ahead.
   */
  readonly prefetch?: boolean;
  /** After this time the job's signal aborts and the attempt has failed. @default 0, which is never */
  readonly timeout?: Duration;
  /**
   * How long a reservation lasts without a sign of life, at least one second: for jobs of the pipeline that this
   * application adds without a `ttr` of their own. A program that does not have the processor says it itself.
   *
   * @default 60
   */
  readonly ttr?: Duration;
  /**
   * Give the handler `job.manager`, an EntityManager with a transaction under way: what it writes by it commits
   * together with the job's deletion, so it happens exactly once, even when the worker dies at any point. When the
   * handler throws, returns `false` or takes too long, it is undone. Default false. Needs `typeOrmBackend()`.
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
};

/** Handler options complete and checked. */
export interface HandlerSettings {
  readonly concurrency: number;
  readonly prefetch: boolean;
  readonly retry: CheckedRetry;
  /** What is to be said of a backoff that may be meant in milliseconds. */
  readonly unitWarning: string | undefined;
  readonly maxLost: number;
  readonly timeout: Seconds;
  /** Undefined: the job's own says it, or the default. */
  readonly ttr: Seconds | undefined;
  readonly transaction: boolean;
}

/**
 * One settings object of options from the farthest to the nearest.
 *
 * @throws InvalidJobOptionError
 */
export function handlerSettings(...levels: readonly HandlerOptions[]): HandlerSettings {
  const options = levels.reduce<HandlerOptions>(
    (far, near) => ({ ...far, ...checkedOptions(near, HANDLER_OPTIONS) }),
    {},
  );
  return {
    concurrency: checkedInteger('concurrency', options.concurrency ?? 1, 1, MAX_INT32),
    prefetch: checkedBoolean('prefetch', options.prefetch ?? true),
    retry: checkedRetry(options),
    unitWarning: unitWarning(options.backoff),
    maxLost: checkedInteger('maxLost', options.maxLost ?? 3, 1),
    timeout: checkedDuration('timeout', options.timeout ?? 0),
    ttr: options.ttr === undefined ? undefined : checkedDuration('ttr', options.ttr, 1),
    transaction: checkedBoolean('transaction', options.transaction ?? false),
  };
}
