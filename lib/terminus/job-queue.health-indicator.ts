import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { checkedDuration, checkedInteger } from '../core/checks/checks';
import type { Duration } from '../core/checks/duration';
import { checkedOptions } from '../core/checks/options';
import type { QueueBackend } from '../core/contract/backend';
import { InvalidConfigurationError, JobQueueError } from '../core/contract/errors';
import type { Seconds } from '../core/contract/job-data';
import { endsWithin } from '../core/time/sleep';
import { DEFAULT_QUEUE, getJobQueueBackendToken } from '../nest/options/job-queue.tokens';
import { nameOf, type PipelineDefinition } from '../nest/pipelines/pipeline-definition';

export interface JobQueueHealthOptions {
  /** The `name` of the queue. @default the queue without a name */
  readonly queue?: string;
  /** The pipelines whose backlog counts. @default all that hold jobs, 100 at most */
  readonly pipelines?: readonly (string | PipelineDefinition)[];
  /** Degraded with more ready jobs in one pipeline. @default no limit */
  readonly maxReady?: number;
  /** Degraded with more buried jobs in one pipeline. @default no limit */
  readonly maxBuried?: number;
  /** Degraded when the job that is reserved next was added longer ago, its delay included. @default no limit */
  readonly maxOldestReady?: Duration;
  /** Down when the queue has not answered in that time. @default 3 */
  readonly timeout?: Duration;
}

const MOST_PIPELINES = 100;

/**
 * The health of a queue for `@nestjs/terminus`: up; degraded, with the pipelines that lag; down, with the code of the error.
 * It shows no payload, URL or message of a server.
 *
 * @example
 * this.health.check([() => this.jobQueue.check('queue', { maxOldestReady: '5m', maxBuried: 0 })]);
 */
@Injectable()
export class JobQueueHealthIndicator {
  constructor(
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
  ) {}

  /**
   * Never rejects for what the queue does.
   *
   * @throws {InvalidConfigurationError} when there is no such queue
   * @throws {InvalidJobOptionError} for an option that is wrong
   */
  async check<const Key extends string>(
    key: Key,
    options: JobQueueHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const { backend, limits, names, timeout } = this.checked(options);
    const indicator = this.indicators.check(key);
    try {
      const looking = lags(backend, names, limits);
      if (!(await endsWithin(timeout, looking))) return indicator.down({ code: 'TIMEOUT', seconds: timeout });
      const lagging = await looking;
      return Object.keys(lagging).length === 0 ? indicator.up() : indicator.degraded({ pipelines: lagging });
    } catch (error) {
      return indicator.down({ code: error instanceof JobQueueError ? error.code : 'UNKNOWN' });
    }
  }

  private checked(given: JobQueueHealthOptions): Checked {
    const options = checkedOptions(given, {
      queue: true,
      pipelines: true,
      maxReady: true,
      maxBuried: true,
      maxOldestReady: true,
      timeout: true,
    });
    const { maxReady, maxBuried, maxOldestReady, pipelines, timeout = 3 } = options;
    return {
      backend: this.backendOf(options.queue),
      names: pipelines?.map(nameOf),
      timeout: checkedDuration('timeout', timeout),
      limits: {
        ready: maxReady === undefined ? Infinity : checkedInteger('maxReady', maxReady, 0),
        buried: maxBuried === undefined ? Infinity : checkedInteger('maxBuried', maxBuried, 0),
        oldestReady:
          maxOldestReady === undefined ? Infinity : checkedDuration('maxOldestReady', maxOldestReady),
      },
    };
  }

  private backendOf(queue = DEFAULT_QUEUE): QueueBackend {
    try {
      return this.moduleRef.get<QueueBackend>(getJobQueueBackendToken(queue), { strict: false });
    } catch (cause) {
      throw new InvalidConfigurationError(
        `JobQueueHealthIndicator finds no queue '${queue}': import JobQueueModule.forRoot() under that name.`,
        { cause },
      );
    }
  }
}

interface Limits {
  readonly ready: number;
  readonly buried: number;
  /** In seconds. */
  readonly oldestReady: number;
}

interface Checked {
  readonly backend: QueueBackend;
  readonly limits: Limits;
  readonly names: readonly string[] | undefined;
  readonly timeout: Seconds;
}

type Lag = Partial<Record<keyof Limits, number>>;

/** What is beyond its limit, by pipeline. Asks the queue for something in any case. */
async function lags(
  backend: QueueBackend,
  names: readonly string[] | undefined,
  limits: Limits,
): Promise<Record<string, Lag>> {
  const found: [string, Lag][] = [];
  // No job has this id: the cheapest question that every backend has to answer.
  await backend.inspect.find('0');
  if (Object.values(limits).every((limit) => limit === Infinity)) return {};
  for (const pipeline of names ?? (await backend.inspect.pipelines()).slice(0, MOST_PIPELINES)) {
    const { ready, buried } = await backend.inspect.stats(pipeline);
    const oldestReady = limits.oldestReady < Infinity && ready > 0 ? await ageOfNext(backend, pipeline) : 0;
    const all = { ready, buried, oldestReady };
    const lag = Object.entries(all).filter(([name, value]) => value > limits[name as keyof Limits]);
    if (lag.length > 0) found.push([pipeline, Object.fromEntries(lag)]);
  }
  return Object.fromEntries(found);
}

/** In whole seconds. */
async function ageOfNext(backend: QueueBackend, pipeline: string): Promise<number> {
  const next = await backend.inspect.peek(pipeline, 'ready');
  return next?.addedAt ? Math.max(0, Math.round((Date.now() - next.addedAt.getTime()) / 1000)) : 0;
}
