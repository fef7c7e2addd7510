import { AssertionError } from 'node:assert';
import { types } from 'node:util';
import type { InjectionToken } from '@nestjs/common';
import { checkedDuration, milliseconds } from '../core/checks/checks';
import type { Duration } from '../core/checks/duration';
import { checkedOptions, type OptionNames } from '../core/checks/options';
import { mustBe } from '../core/contract/errors';
import type { JobId, Leased, Seconds } from '../core/contract/job-data';
import { jsonCodec, type PayloadCodec } from '../core/payload/payload-codec';
import { sleep } from '../core/time/sleep';
import { MODULE_OPTIONS_TOKEN } from '../nest/module/job-queue-core.module';
import { type JobQueueModuleOptions, jobQueueSettings } from '../nest/options/job-queue.options';
import {
  DEFAULT_QUEUE,
  getJobQueueBackendToken,
  getRuntimeHandlersToken,
  getSettingsToken,
} from '../nest/options/job-queue.tokens';
import { nameOf, type PipelineDefinition } from '../nest/pipelines/pipeline-definition';
import { RuntimeHandlers } from '../nest/workers/runtime-handlers';
import { type AddedJob, addedJob, EXPECTED_OPTIONS, type ExpectedOptions, listOf } from './added-job';
import { matches } from './matches';
import { TestBackend, type TestTransaction } from './test-backend';
import { TestClock } from './test-clock';

export interface JobQueueTesterOptions {
  /** The `name` of the queue. @default the queue without a name */
  readonly queue?: string;
  /** Jobs run before the call that adds them resolves. @default false: they wait for `drain()` */
  readonly inline?: boolean;
  /** For handlers with the option `transaction`: `(work) => dataSource.transaction(work)`. */
  readonly transaction?: TestTransaction;
  /** The first moment of the queue's clock. @default the time of the system */
  readonly now?: Date;
  /** The queue's codec, if it is not JSON. @default that of the application whose queue the tester replaces */
  readonly codec?: PayloadCodec;
}

const TESTER_OPTIONS: OptionNames<JobQueueTesterOptions> = {
  queue: true,
  inline: true,
  transaction: true,
  now: true,
  codec: true,
};

/** A job as it ended an attempt. */
export interface RanJob {
  readonly id: JobId;
  readonly pipeline: string;
  readonly payload: unknown;
  readonly attempt: number;
}

export interface FailedJob extends RanJob {
  /** What the handler threw, if it did. */
  readonly error: unknown;
}

/** What a drain has done, in the order in which it happened. */
export interface Drained {
  readonly completed: RanJob[];
  readonly retried: FailedJob[];
  readonly buried: (FailedJob & { readonly reason: string })[];
}

/** The part of Nest's `TestingModuleBuilder` that is used. */
interface ModuleBuilder {
  overrideProvider(token: InjectionToken): {
    useValue(value: unknown): unknown;
    useFactory(options: { factory: (...args: never[]) => unknown; inject?: InjectionToken[] }): unknown;
  };
}

type AnyPipeline = string | PipelineDefinition;

/**
 * A queue for tests: it needs no server, keeps its jobs in memory, does nothing until `drain()`, and has a clock of its
 * own. Handlers run as in production, with their enhancers, retries and codec.
 */
export class JobQueueTester {
  readonly backend: TestBackend;
  private readonly clock: TestClock;
  private readonly name: string;
  /** The application's, unless the tester was given one. */
  private codec: PayloadCodec | undefined;
  private handlers = new RuntimeHandlers();
  private draining = false;
  private observed = false;
  private drained: Drained = { completed: [], retried: [], buried: [] };

  constructor(options: JobQueueTesterOptions = {}) {
    const said = checkedOptions(options, TESTER_OPTIONS);
    const { queue = DEFAULT_QUEUE, inline = false, transaction, now = new Date(), codec } = said;
    this.clock = new TestClock(checkedMoment(now));
    this.name = queue;
    this.codec = codec;
    this.attach(this.handlers);
    this.backend = new TestBackend(this.clock, transaction, async () => {
      if (inline) await this.drain();
    });
  }

  /**
   * Replaces the queue that the application's modules import with the tester, before anything connects.
   *
   * @example
   * const module = await tester.replace(Test.createTestingModule({ imports: [AppModule] })).compile();
   */
  replace<B extends ModuleBuilder>(builder: B): B {
    builder.overrideProvider(getJobQueueBackendToken(this.name)).useValue(this.backend);
    builder.overrideProvider(getRuntimeHandlersToken(this.name)).useValue(this.handlers);
    builder.overrideProvider(getSettingsToken(this.name)).useFactory({
      factory: (options: JobQueueModuleOptions) => {
        const settings = jobQueueSettings({ ...options, workers: false });
        this.codec ??= settings.codec;
        return settings;
      },
      inject: [MODULE_OPTIONS_TOKEN],
    });
    return builder;
  }

  /** For the testing module, whose queue has a codec of its own. */
  attach(handlers: RuntimeHandlers): this {
    handlers.onDemand = true;
    this.handlers = handlers;
    return this;
  }

  /**
   * All jobs that were added to the pipeline, or to any pipeline, in order. Jobs that have run are among them. A job that
   * an add with its unique key has replaced is there once, as it became; an add that found its key held is not there.
   */
  added<T = unknown>(pipeline?: string | PipelineDefinition<T, unknown>): AddedJob<T>[] {
    const puts = this.backend.puts.filter(
      (put) => pipeline === undefined || put.pipeline === nameOf(pipeline),
    );
    return puts.map((put) => addedJob<T>(put, this.codec ?? jsonCodec));
  }

  /**
   * Asserts that such a job was added. Payloads are compared deeply, and may contain matchers of Jest and Vitest. Only
   * the options that are passed are compared: `delay` and `ttr` in seconds, `unique` as the key.
   *
   * @throws {AssertionError} which lists the jobs that were added
   * @example
   * tester.expectAdded('mail', { to: 'ada@example.org' }, { delay: 60 });
   */
  expectAdded<P, T>(
    pipeline: string | PipelineDefinition<P, T>,
    payload?: NoInfer<T>,
    given: ExpectedOptions = {},
  ): void {
    const options = checkedOptions(given, EXPECTED_OPTIONS);
    const added = this.added(nameOf(pipeline));
    const found = added.some(
      (job) =>
        (payload === undefined || matches(payload, job.payload)) &&
        Object.entries(options).every(([name, value]) => job[name as keyof AddedJob] === value),
    );
    if (found) return;
    throw new AssertionError({
      message: `No such job was added to ${nameOf(pipeline)}. ${listOf(added, options)}`,
      actual: added.map((job) => job.payload),
      expected: payload,
      operator: 'expectAdded',
    });
  }

  /** Asserts that no job was added to the pipeline, or to any. @throws {AssertionError} */
  expectNothingAdded(pipeline?: AnyPipeline): void {
    const added = this.added(pipeline);
    if (added.length === 0) return;
    const where = pipeline === undefined ? 'the queue' : nameOf(pipeline);
    throw new AssertionError({
      message: `Nothing should have been added to ${where}. ${listOf(added)}`,
      actual: added,
      expected: [],
      operator: 'expectNothingAdded',
    });
  }

  /**
   * Moves the queue's clock forward: delays and pauses end, and schedules are due. The jobs run at the next `drain()`;
   * to it, the slots in between are missed ones, and their schedule's `missed` says how many jobs they become. `travel`
   * runs the job of each slot at its own moment.
   */
  advance(duration: Duration): void {
    this.clock.advance(checkedDuration('duration', duration));
  }

  /** What the queue's clock says. */
  get now(): Date {
    return new Date(this.clock.now());
  }

  /**
   * Lives through that time as workers that never stop would: moves the clock to each moment at which a delay or a pause
   * ends or a schedule is due, and drains there. Returns what all of these drains have done. Called from a handler it returns at once.
   *
   * @example
   * await jobs.travel('3d');
   */
  async travel(duration: Duration): Promise<Drained> {
    const end = this.clock.now() + milliseconds(checkedDuration('duration', duration));
    return this.working(async () => {
      await this.quiet();
      for (let next = await this.nextMoment(); next <= end; next = await this.nextMoment()) {
        this.clock.advanceTo(next);
        await this.quiet();
      }
      this.clock.advanceTo(Math.max(end, this.clock.now()));
      await this.quiet();
    });
  }

  /**
   * Runs every ready job, and the jobs that they add, until none is left. With `throughDelays` it also moves the clock
   * forward to each delayed job. It never rejects for an error of a handler: the result has those errors. Called from a
   * handler it returns at once, and the drain under way runs the rest.
   */
  drain({ throughDelays = false }: { throughDelays?: boolean } = {}): Promise<Drained> {
    return this.working(async () => {
      do await this.quiet();
      while (throughDelays && (await this.skipToNextDelayed()));
    });
  }

  /** Tells what the workers have done meanwhile. */
  private async working(steps: () => Promise<void>): Promise<Drained> {
    if (this.draining) return this.drained;
    this.draining = true;
    this.drained = { completed: [], retried: [], buried: [] };
    this.observe();
    try {
      await this.handlers.workers.workWhile(steps);
    } finally {
      this.draining = false;
    }
    return this.drained;
  }

  private observe(): void {
    if (this.observed) return;
    this.observed = true;
    const { events } = this.handlers.workers;
    events.on('completed', ({ job }) => this.drained.completed.push(this.ran(job)));
    events.on('retried', ({ job, error }) => this.drained.retried.push({ ...this.ran(job), error }));
    events.on('buried', ({ job, reason, error }) =>
      this.drained.buried.push({ ...this.ran(job), reason, error }),
    );
  }

  private ran({ id, pipeline, payload, attempt }: Leased): RanJob {
    return { id, pipeline, payload: this.decoded(payload), attempt };
  }

  private decoded(text: string): unknown {
    try {
      return (this.codec ?? jsonCodec).decode(text);
    } catch {
      return text;
    }
  }

  /** Asks twice, because a job on its way to a worker is neither ready nor held for a moment. */
  private async quiet(): Promise<void> {
    for (let times = 0; times < 2; times = (await this.isBusy()) ? 0 : times + 1) await sleep(0.001);
  }

  private async isBusy(): Promise<boolean> {
    const { busy, pipelines } = this.handlers.workers;
    if (busy) return true;
    if ((await this.nextSlot()) <= this.clock.now()) return true;
    const stats = await Promise.all(pipelines.map((pipeline) => this.backend.inspect.stats(pipeline)));
    return stats.some(({ ready, pausedFor }) => ready > 0 && pausedFor === 0);
  }

  private async skipToNextDelayed(): Promise<boolean> {
    const next = Math.min(...(await this.delays()));
    if (next === Infinity) return false;
    this.advance(next);
    return true;
  }

  /** When time alone will next change something for the workers, in milliseconds since 1970. */
  private async nextMoment(): Promise<number> {
    const { pipelines } = this.handlers.workers;
    const stats = await Promise.all(pipelines.map((pipeline) => this.backend.inspect.stats(pipeline)));
    const pauses = stats.flatMap(({ ready, pausedFor }) => (ready > 0 && pausedFor > 0 ? [pausedFor] : []));
    const now = this.clock.now();
    // A sum of a moment and a time is exact to a hundredth of a millisecond.
    return Math.min(
      await this.nextSlot(),
      ...[...(await this.delays()), ...pauses].map((time) => Math.ceil(now + time * 1000 - 0.01)),
    );
  }

  /** When a schedule is due next, in milliseconds since 1970. Without workers nothing fires it. */
  private async nextSlot(): Promise<number> {
    if (this.handlers.workers.pipelines.length === 0) return Infinity;
    return this.backend.nextSlot();
  }

  /** How long until the first delayed job of each pipeline that has one is ready. */
  private async delays(): Promise<Seconds[]> {
    const { pipelines } = this.handlers.workers;
    const first = await Promise.all(
      pipelines.map((pipeline) =>
        this.backend.features.listing.list(pipeline, 'delayed', { offset: 0, limit: 1 }),
      ),
    );
    return first.flat().map(({ delay }) => delay);
  }
}

function checkedMoment(now: unknown): number {
  const time = types.isDate(now) ? now.getTime() : NaN;
  if (Number.isNaN(time)) throw mustBe('now', 'a Date', now);
  return time;
}
