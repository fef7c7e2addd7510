import { checkedBoolean, checkedInteger, checkedSeconds } from '../../core/contract/checks';
import type { Seconds } from '../../core/contract/job-data';
import { type RetryOptions, retryPolicy } from '../../core/policy/retry-policy';

/**
 * How jobs are handled. May stand at the module (`defaults`), at `@Processor()` and at `@Process()`: for each
 * option the nearest one to the method counts.
 */
export interface HandlerOptions extends RetryOptions {
  /** How many jobs of the pipeline run at once in this process, at least 1; default 1. */
  readonly concurrency?: number;
  /** How many reservations of one job may run out, each time by a worker that died, before it is buried; at least 1, default 3. */
  readonly maxLost?: number;
  /**
   * Reserve up to 100 ms of work ahead of free slots when the handler is quick (SQL backends); default true.
   * `false` keeps the order exact: a more urgent job that comes later is passed over by none that was taken ahead.
   */
  readonly prefetch?: boolean;
  /** Seconds after which the job's signal is aborted and the attempt has failed; default 0, which is never. */
  readonly timeout?: Seconds;
  /**
   * Give the handler `job.manager`, an EntityManager with a transaction under way: what it writes by it commits
   * together with the job's deletion, so it happens exactly once, even when the worker dies at any point. When the
   * handler throws, answers `false` or takes too long, it is undone. Default false. Needs `typeOrmBackend()`.
   */
  readonly transaction?: boolean;
}

/** Handler options complete and checked. */
export interface HandlerSettings {
  readonly concurrency: number;
  readonly prefetch: boolean;
  readonly retry: RetryOptions;
  readonly maxLost: number;
  readonly timeout: Seconds;
  readonly transaction: boolean;
}

/** Options from the farthest to the nearest; throws `InvalidJobOptionError` or `InvalidConfigurationError`. */
export function handlerSettings(...levels: readonly HandlerOptions[]): HandlerSettings {
  const options = levels.reduce<HandlerOptions>((far, near) => ({ ...far, ...said(near) }), {});
  return {
    concurrency: checkedInteger('concurrency', options.concurrency ?? 1, 1),
    prefetch: checkedBoolean('prefetch', options.prefetch ?? true),
    retry: checkedRetry(options),
    maxLost: checkedInteger('maxLost', options.maxLost ?? 3, 1),
    timeout: checkedSeconds('timeout', options.timeout ?? 0),
    transaction: checkedBoolean('transaction', options.transaction ?? false),
  };
}

function checkedRetry({ attempts, backoff }: RetryOptions): RetryOptions {
  const retry = { ...(attempts !== undefined && { attempts }), ...(backoff !== undefined && { backoff }) };
  retryPolicy(retry);
  return retry;
}

/** An option that is there and undefined, as `{ attempts: config.attempts }` may be, says nothing. */
function said(options: HandlerOptions): HandlerOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
