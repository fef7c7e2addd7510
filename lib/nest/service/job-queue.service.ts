import { canList, type Page, type QueueBackend } from '../../core/contract/backend';
import { checkedInteger, checkedPriority, checkedSeconds } from '../../core/contract/checks';
import {
  InvalidJobOptionError,
  ProcessorMisconfiguredError,
  shown,
  UnsupportedByBackendError,
} from '../../core/contract/errors';
import type {
  JobId,
  JobSnapshot,
  JobState,
  NewJob,
  PipelineStats,
  RestingState,
  Seconds,
} from '../../core/contract/job-data';
import type { PayloadCodec } from '../../core/payload/payload-codec';
import { checkedPayload, type StandardSchema } from '../../core/payload/payload-schema';
import { type Handler, Job } from '../../core/policy/job';
import { type JobOptions, newJob } from '../../core/policy/job-options';
import type { HandlerOptions } from '../options/handler.options';
import type {
  AddOptions,
  AfterCommitOptions,
  BuryOptions,
  JobToAdd,
  ReleaseOptions,
  ReserveOptions,
} from '../options/service.options';
import { type PipelineDefinition, schemaOf } from '../pipelines/pipeline-definition';
import { PipelineHandle, WatchHandle } from '../pipelines/pipeline-handles';
import type { RunningHandler, RuntimeHandlers } from '../workers/runtime-handlers';
import {
  type AnyPipeline,
  checkedJob,
  checkedJobs,
  checkedName,
  checkedNames,
  checkedObject,
  checkedState,
  idOf,
} from './checked-arguments';
import type { JobPuts } from './job-puts';
import type { Reservations } from './reservations';

/** What the overloads keep apart. */
type AnyAddOptions = { readonly [Name in keyof AddOptions]: AddOptions[Name] | AfterCommitOptions[Name] };

const STATES: readonly JobState[] = ['ready', 'delayed', 'reserved', 'buried'];
const RESTING_STATES: readonly RestingState[] = ['ready', 'delayed', 'buried'];
const DEFAULT_PAGE_SIZE = 20;

/**
 * A queue as the application sees it. Every verb checks what it is given before it does anything, and rejects
 * with a `JobQueueError`: `InvalidPipelineNameError` and `InvalidJobOptionError` for what cannot be,
 * `BackendUnavailableError` when the same call may succeed later.
 */
export class JobQueueService {
  constructor(
    private readonly backend: QueueBackend,
    private readonly codec: PayloadCodec,
    private readonly reservations: Reservations,
    private readonly puts: JobPuts,
    private readonly handlers: RuntimeHandlers,
  ) {}

  /**
   * Handles the jobs of a pipeline from now on, as a method with `@Process()` does, until it is closed or the
   * application ends; registered while the application starts, from its start on. Where the process works on no
   * jobs (`workers: false`) it does nothing. Rejects with `ProcessorMisconfiguredError` when the pipeline has a
   * handler already, and with `BackendClosedError` when the application is ending.
   */
  process<P>(
    pipeline: PipelineDefinition<P, unknown>,
    handler: (job: Job<P>) => unknown,
    options?: HandlerOptions,
  ): Promise<RunningHandler>;
  process<T = unknown>(
    pipeline: string,
    handler: (job: Job<T>) => unknown,
    options?: HandlerOptions,
  ): Promise<RunningHandler>;
  async process(
    pipeline: AnyPipeline,
    handler: Handler,
    options: HandlerOptions = {},
  ): Promise<RunningHandler> {
    const name = checkedName(pipeline);
    if (typeof (handler as unknown) !== 'function') {
      throw new ProcessorMisconfiguredError(
        `The handler of the pipeline ${name} is ${shown(handler)}: give queue.process() a function.`,
      );
    }
    return this.handlers.register({ pipeline: name, schema: schemaOf(pipeline), handler, options });
  }

  /**
   * Adds a job and answers its id. When it has resolved, the job survives a crash. Rejects with
   * `InvalidPayloadError` or `PayloadTooLargeError` when the payload cannot be stored as it is.
   */
  addJob<P, T>(
    pipeline: PipelineDefinition<P, T>,
    payload: NoInfer<T>,
    options?: JobOptions & AddOptions,
  ): Promise<JobId>;
  addJob<T>(pipeline: string, payload: T, options?: JobOptions & AddOptions): Promise<JobId>;
  /** With `afterCommit` it resolves as soon as the job is checked; the job's id is not known then. */
  addJob<P, T>(
    pipeline: PipelineDefinition<P, T>,
    payload: NoInfer<T>,
    options: JobOptions & AfterCommitOptions,
  ): Promise<void>;
  addJob<T>(pipeline: string, payload: T, options: JobOptions & AfterCommitOptions): Promise<void>;
  async addJob(
    pipeline: AnyPipeline,
    payload: unknown,
    given: JobOptions & AnyAddOptions = {},
  ): Promise<JobId | void> {
    const { manager, afterCommit, ...options } = checkedObject('options', given);
    const ids = await this.addAll(pipeline, [{ ...options, payload }], { manager, afterCommit });
    return ids?.[0];
  }

  /**
   * Adds the jobs together and answers their ids in the same order. SQL backends store all or none; on
   * beanstalkd it may reject with `PutIncompleteError`, which has the ids of those that were stored.
   */
  addJobs<P, T>(
    pipeline: PipelineDefinition<P, T>,
    jobs: readonly JobToAdd<NoInfer<T>>[],
    options?: AddOptions,
  ): Promise<JobId[]>;
  addJobs<T>(pipeline: string, jobs: readonly JobToAdd<T>[], options?: AddOptions): Promise<JobId[]>;
  addJobs<P, T>(
    pipeline: PipelineDefinition<P, T>,
    jobs: readonly JobToAdd<NoInfer<T>>[],
    options: AfterCommitOptions,
  ): Promise<void>;
  addJobs<T>(pipeline: string, jobs: readonly JobToAdd<T>[], options: AfterCommitOptions): Promise<void>;
  addJobs(
    pipeline: AnyPipeline,
    jobs: readonly JobToAdd[],
    options: AnyAddOptions = {},
  ): Promise<JobId[] | void> {
    return this.addAll(pipeline, jobs, options);
  }

  /** A handle on one pipeline; throws `InvalidPipelineNameError`. */
  selectPipeline<P, T>(pipeline: PipelineDefinition<P, T>): PipelineHandle<P, T>;
  selectPipeline<T = unknown>(pipeline: string): PipelineHandle<T>;
  selectPipeline(pipeline: AnyPipeline): PipelineHandle {
    checkedName(pipeline);
    return new PipelineHandle(this, pipeline);
  }

  /** A handle to reserve from several pipelines: the most urgent job of all of them comes first. */
  watchPipeline<T = unknown>(
    ...pipelines: readonly (string | PipelineDefinition<T, unknown>)[]
  ): WatchHandle<T> {
    return new WatchHandle(this, checkedNames(pipelines));
  }

  /**
   * Reserves the next job by hand, from one pipeline or from several; `undefined` when there was none in time.
   * The job is to be settled with `deleteJob`, `releaseJob` or `buryJob` within its ttr, which `touchJob`
   * starts anew; otherwise, and when the process dies, it becomes ready again.
   */
  async getNextJobAndReserve<T = unknown>(
    pipeline: string | PipelineDefinition<T, unknown> | readonly (string | PipelineDefinition<T, unknown>)[],
    { wait = 0 }: ReserveOptions = {},
  ): Promise<Job<T> | undefined> {
    const job = await this.reservations.reserve(
      checkedNames([pipeline].flat()),
      checkedSeconds('wait', wait),
    );
    return job as Job<T> | undefined;
  }

  /** The job that `kick` would take next. Its payload is the stored text. */
  async getNextBuriedJob(pipeline: AnyPipeline): Promise<JobSnapshot | undefined> {
    return this.backend.peek(checkedName(pipeline), 'buried');
  }

  /**
   * Deletes a job: one reserved by hand, rejecting with `ReservationLostError` when it is no longer ours, or
   * one that nobody holds, answering false when there is none or somebody holds it.
   */
  async deleteJob(job: Job | JobSnapshot | JobId): Promise<boolean> {
    if (!(job instanceof Job)) return this.backend.discard(idOf(job));
    await this.reservations.settle(job, { outcome: 'delete' });
    return true;
  }

  /** Gives a job that was reserved by hand back. Rejects with `ReservationLostError` when it is no longer ours. */
  async releaseJob(job: Job, { delay = 0, priority }: ReleaseOptions = {}): Promise<void> {
    await this.reservations.settle(checkedJob(job), {
      outcome: 'release',
      delay: checkedSeconds('delay', delay),
      ...(priority !== undefined && { priority: checkedPriority(priority) }),
    });
  }

  /** Sets a job that was reserved by hand aside. Rejects with `ReservationLostError` when it is no longer ours. */
  async buryJob(job: Job, { reason, priority }: BuryOptions = {}): Promise<void> {
    await this.reservations.settle(checkedJob(job), {
      outcome: 'bury',
      ...(reason !== undefined && { reason }),
      ...(priority !== undefined && { priority: checkedPriority(priority) }),
    });
  }

  /** Makes a buried or delayed job ready; false when it is neither. */
  async kickJob(job: JobSnapshot | JobId): Promise<boolean> {
    return this.backend.kickJob(idOf(job));
  }

  /** Starts the job's full ttr anew. Rejects with `ReservationLostError` when it is no longer ours. */
  async touchJob(job: Job): Promise<void> {
    await checkedJob(job).touch();
  }

  async getReadyCount(pipeline: AnyPipeline): Promise<number> {
    return (await this.stats(pipeline)).ready;
  }

  async getDelayedCount(pipeline: AnyPipeline): Promise<number> {
    return (await this.stats(pipeline)).delayed;
  }

  async getReservedCount(pipeline: AnyPipeline): Promise<number> {
    return (await this.stats(pipeline)).reserved;
  }

  async getBuriedCount(pipeline: AnyPipeline): Promise<number> {
    return (await this.stats(pipeline)).buried;
  }

  /** Makes up to `limit` buried jobs ready, oldest burial first; delayed ones only when none is buried. Answers how many. */
  async kick(pipeline: AnyPipeline, limit: number): Promise<number> {
    return this.backend.kick(checkedName(pipeline), checkedInteger('limit', limit, 1));
  }

  /** All numbers are 0 for a pipeline that nobody has used. */
  async stats(pipeline: AnyPipeline): Promise<PipelineStats> {
    return this.backend.stats(checkedName(pipeline));
  }

  /** The names of the pipelines that hold jobs, sorted. */
  async listPipelines(): Promise<string[]> {
    return this.backend.pipelines();
  }

  async findJob(id: JobId): Promise<JobSnapshot | undefined> {
    return this.backend.find(idOf(id));
  }

  /**
   * A page of the pipeline's jobs in that state, in the order in which they leave it; default the first 20. A
   * backend that cannot list (beanstalkd) shows the first one alone and rejects with `UnsupportedByBackendError`
   * for a later page and for reserved jobs.
   */
  async peek(
    pipeline: AnyPipeline,
    state: JobState,
    { offset = 0, limit = DEFAULT_PAGE_SIZE }: Partial<Page> = {},
  ): Promise<JobSnapshot[]> {
    const name = checkedName(pipeline);
    const wanted = checkedState(state, STATES);
    const page = { offset: checkedInteger('offset', offset, 0), limit: checkedInteger('limit', limit, 1) };
    if (canList(this.backend)) return this.backend.list(name, wanted, page);
    if (wanted === 'reserved' || page.offset > 0) {
      throw new UnsupportedByBackendError(
        this.backend.name,
        'list jobs',
        'it shows the first ready, delayed or buried one',
      );
    }
    const first = await this.backend.peek(name, wanted);
    return first ? [first] : [];
  }

  /** For so many seconds nobody gets a job of the pipeline; running ones go on. */
  async pause(pipeline: AnyPipeline, duration: Seconds): Promise<void> {
    await this.backend.pause(checkedName(pipeline), checkedSeconds('duration', duration));
  }

  async resume(pipeline: AnyPipeline): Promise<void> {
    await this.backend.resume(checkedName(pipeline));
  }

  /** Deletes every job of the pipeline in that state. Answers how many. */
  async clear(pipeline: AnyPipeline, state: RestingState): Promise<number> {
    return this.backend.clear(checkedName(pipeline), checkedState(state, RESTING_STATES));
  }

  private async addAll(
    pipeline: AnyPipeline,
    jobs: readonly JobToAdd[],
    given: AnyAddOptions,
  ): Promise<JobId[] | void> {
    const { manager, afterCommit } = checkedObject('options', given);
    const name = checkedName(pipeline);
    const complete = checkedJobs(jobs).map(({ payload, ...options }) =>
      newJob(this.codec.encode(payload), options),
    );
    const schema = schemaOf(pipeline);
    if (schema) await this.check(complete, schema);
    if (afterCommit === undefined) return this.puts.put(name, complete, manager);
    if (manager !== undefined) {
      throw new InvalidJobOptionError('manager', 'together with afterCommit', 'give one of them');
    }
    this.puts.afterCommit(name, complete, afterCommit);
  }

  /** As the worker will see them: a codec may turn a Date into a text, which its schema has to take. */
  private async check(jobs: readonly NewJob[], schema: StandardSchema): Promise<void> {
    for (const { payload } of jobs) await checkedPayload(schema, this.codec.decode(payload));
  }
}
