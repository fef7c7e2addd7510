import { checkedDuration, checkedInteger, checkedPriority, checkedText } from '../../core/checks/checks';
import type { Duration } from '../../core/checks/duration';
import { checkedOptions } from '../../core/checks/options';
import { asReason, shown } from '../../core/checks/text';
import type { QueueBackend } from '../../core/contract/backend';
import { InvalidJobOptionError, ProcessorMisconfiguredError } from '../../core/contract/errors';
import { feature, type Page } from '../../core/contract/features';
import type {
  JobId,
  JobSnapshot,
  JobState,
  NewJob,
  PipelineStats,
  RestingState,
} from '../../core/contract/job-data';
import type { Handler, Job } from '../../core/policy/job';
import type { JobOptions } from '../../core/policy/job-options';
import { HANDLER_OPTIONS, type HandlerOptions } from '../options/handler.options';
import type {
  AddOptions,
  AfterCommitOptions,
  BuryOptions,
  JobChanges,
  JobToAdd,
  KickOptions,
  ReleaseOptions,
  ReserveOptions,
} from '../options/service.options';
import { PipelineDefinition, schemaOf } from '../pipelines/pipeline-definition';
import { PipelineHandle, WatchHandle } from '../pipelines/pipeline-handles';
import type { RunningHandler, RuntimeHandlers } from '../workers/runtime-handlers';
import {
  ADD_JOB_OPTIONS,
  ADD_OPTIONS,
  type AnyAddOptions,
  type AnyPipeline,
  BURY_OPTIONS,
  checkedJob,
  checkedName,
  checkedNames,
  checkedState,
  idOf,
  isFresh,
  isJob,
  RELEASE_OPTIONS,
  RESERVE_OPTIONS,
} from './checked-arguments';
import { pageOf } from './job-lookup';
import type { JobPuts } from './job-puts';
import type { NewJobs } from './new-jobs';
import type { Reservations } from './reservations';

/** What a service is made of. */
export interface JobQueueParts {
  readonly backend: QueueBackend;
  readonly jobs: NewJobs;
  readonly reservations: Reservations;
  readonly puts: JobPuts;
  readonly handlers: RuntimeHandlers;
}

const RESTING_STATES: readonly RestingState[] = ['ready', 'delayed', 'buried'];

/**
 * A queue as the application sees it. Every verb checks what it is given before it does anything, and rejects
 * with a `JobQueueError`: `InvalidPipelineNameError` and `InvalidJobOptionError` for what cannot be,
 * `BackendUnavailableError` when the same call may succeed later.
 */
export class JobQueueService {
  // Private at run time, too: a log that is given the service prints what it has, and a backend may have a password.
  readonly #backend: QueueBackend;
  readonly #jobs: NewJobs;
  readonly #reservations: Reservations;
  readonly #puts: JobPuts;
  readonly #handlers: RuntimeHandlers;

  constructor(parts: JobQueueParts) {
    this.#backend = parts.backend;
    this.#jobs = parts.jobs;
    this.#reservations = parts.reservations;
    this.#puts = parts.puts;
    this.#handlers = parts.handlers;
  }

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
    const own = checkedOptions(options, HANDLER_OPTIONS);
    return this.#handlers.register({ pipeline: name, schema: schemaOf(pipeline), handler, options: own });
  }

  /**
   * Adds a job and returns its id. When it has resolved, the job survives a crash. Rejects with
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
    const options = checkedOptions(given, ADD_JOB_OPTIONS);
    const jobs = await this.#jobs.one(pipeline, { ...options, payload });
    return (await this.put(checkedName(pipeline), jobs, options))?.[0];
  }

  /**
   * Adds the jobs together and returns their ids in the same order. SQL backends store all or none; on
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
  async addJobs(
    pipeline: AnyPipeline,
    jobs: readonly JobToAdd[],
    given: AnyAddOptions = {},
  ): Promise<JobId[] | void> {
    const options = checkedOptions(given, ADD_OPTIONS);
    return this.put(checkedName(pipeline), await this.#jobs.several(pipeline, jobs), options);
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
    options: ReserveOptions = {},
  ): Promise<Job<T> | undefined> {
    const { wait = 0 } = checkedOptions(options, RESERVE_OPTIONS);
    const job = await this.#reservations.reserve(checkedNames(pipeline), checkedDuration('wait', wait));
    return job as Job<T> | undefined;
  }

  /** The job that `kick` would take next. Its payload is the stored text. */
  async getNextBuriedJob(pipeline: AnyPipeline): Promise<JobSnapshot | undefined> {
    return this.#backend.inspect.peek(checkedName(pipeline), 'buried');
  }

  /**
   * Deletes a job: one reserved by hand, rejecting with `ReservationLostError` when it is no longer ours, or
   * one that nobody holds, answering false when there is none or somebody holds it.
   */
  async deleteJob(job: Job | JobSnapshot | JobId): Promise<boolean> {
    if (!isJob(job)) return this.#backend.admin.discard(idOf(job));
    await this.#reservations.settle(job, { outcome: 'delete' });
    return true;
  }

  /** Gives a job that was reserved by hand back. Rejects with `ReservationLostError` when it is no longer ours. */
  async releaseJob(job: Job, options: ReleaseOptions = {}): Promise<void> {
    const { delay = 0, priority } = checkedOptions(options, RELEASE_OPTIONS);
    await this.#reservations.settle(checkedJob(job), {
      outcome: 'release',
      delay: checkedDuration('delay', delay),
      ...(priority !== undefined && { priority: checkedPriority(priority) }),
    });
  }

  /**
   * Sets a job aside: one reserved by hand, rejecting with `ReservationLostError` when it is no longer ours, or one that
   * nobody holds: that counts no attempt, returns false when there is none or somebody holds it, and rejects with
   * `UnsupportedByBackendError` on beanstalkd.
   */
  async buryJob(job: Job | JobSnapshot | JobId, options: BuryOptions = {}): Promise<boolean> {
    const { reason, priority } = checkedOptions(options, BURY_OPTIONS);
    const burial = {
      ...(reason !== undefined && { reason: asReason(checkedText('reason', reason)) }),
      ...(priority !== undefined && { priority: checkedPriority(priority) }),
    };
    if (!isJob(job)) {
      const id = idOf(job);
      return feature(this.#backend, 'editing').bury(id, burial);
    }
    await this.#reservations.settle(job, { outcome: 'bury', ...burial });
    return true;
  }

  /**
   * Makes a buried or delayed job ready; false when it is neither. With `fresh` it begins anew, as if it had just been
   * added; that rejects with `UnsupportedByBackendError` on beanstalkd.
   */
  async kickJob(job: JobSnapshot | JobId, options: KickOptions = {}): Promise<boolean> {
    const [id, fresh] = [idOf(job), isFresh(options)];
    return fresh ? feature(this.#backend, 'editing').restartJob(id) : this.#backend.admin.kickJob(id);
  }

  /**
   * Changes the payload, priority or delay of a job that nobody holds, all that is given at once. Returns false, and
   * changes nothing, when there is none, when somebody holds it, and when it is buried and a delay is given: only a kick
   * makes a buried job ready. A job that becomes ready by it wakes a worker.
   *
   * With a pipeline's definition the payload has its type and has to pass its schema; a job of another pipeline is none.
   *
   * Rejects with `InvalidPayloadError` or `PayloadTooLargeError` for a payload that cannot be stored as it is, and with
   * `UnsupportedByBackendError` on beanstalkd, which keeps jobs as they were put.
   *
   * @example
   * await queue.changeJob(mails, id, { payload: { to: 'ada@example.org' }, delay: '10m' });
   */
  changeJob<P, T>(
    pipeline: PipelineDefinition<P, T>,
    job: JobSnapshot | JobId,
    changes: JobChanges<NoInfer<T>>,
  ): Promise<boolean>;
  changeJob(job: JobSnapshot | JobId, changes: JobChanges): Promise<boolean>;
  async changeJob(
    ...given:
      | [pipeline: PipelineDefinition, job: JobSnapshot | JobId, changes: JobChanges]
      | [job: JobSnapshot | JobId, changes: JobChanges]
  ): Promise<boolean> {
    const [pipeline, job, changes] = isTyped(given) ? given : ([undefined, ...given] as const);
    const id = idOf(job);
    const change = await this.#jobs.change(changes, pipeline);
    const editing = feature(this.#backend, 'editing');
    if (pipeline && (await this.findJob(id))?.pipeline !== pipeline.name) return false;
    return editing.change(id, change);
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

  /**
   * Makes up to `limit` buried jobs ready, oldest burial first; delayed ones only when none is buried. Returns how many.
   * With `fresh` they begin anew, as if they had just been added; that rejects with `UnsupportedByBackendError` on
   * beanstalkd.
   */
  async kick(pipeline: AnyPipeline, limit: number, options: KickOptions = {}): Promise<number> {
    const [name, most] = [checkedName(pipeline), checkedInteger('limit', limit, 1)];
    return isFresh(options)
      ? feature(this.#backend, 'editing').restart(name, most)
      : this.#backend.admin.kick(name, most);
  }

  /** All numbers are 0 for a pipeline that nobody has used. */
  async stats(pipeline: AnyPipeline): Promise<PipelineStats> {
    return this.#backend.inspect.stats(checkedName(pipeline));
  }

  /** The names of the pipelines that hold jobs, sorted. */
  async listPipelines(): Promise<string[]> {
    return this.#backend.inspect.pipelines();
  }

  async findJob(id: JobId): Promise<JobSnapshot | undefined> {
    return this.#backend.inspect.find(idOf(id));
  }

  /**
   * A page of the pipeline's jobs in that state, in the order in which they leave it; default the first 20. A
   * backend that cannot list (beanstalkd) shows the first one alone and rejects with `UnsupportedByBackendError`
   * for a later page and for reserved jobs.
   */
  async peek(pipeline: AnyPipeline, state: JobState, options: Partial<Page> = {}): Promise<JobSnapshot[]> {
    return pageOf(this.#backend, checkedName(pipeline), state, options);
  }

  /**
   * For that long, or without a duration until `resume`, nobody gets a job of the pipeline; running ones go on. On
   * beanstalkd a pause lasts no longer than the pipeline has jobs or users.
   */
  async pause(pipeline: AnyPipeline, duration?: Duration): Promise<void> {
    const name = checkedName(pipeline);
    const seconds = duration === undefined ? Infinity : checkedDuration('duration', duration);
    await this.#backend.admin.pause(name, seconds);
  }

  async resume(pipeline: AnyPipeline): Promise<void> {
    await this.#backend.admin.resume(checkedName(pipeline));
  }

  /** Deletes every job of the pipeline in that state. Returns how many. */
  async clear(pipeline: AnyPipeline, state: RestingState): Promise<number> {
    return this.#backend.admin.clear(checkedName(pipeline), checkedState(state, RESTING_STATES));
  }

  private async put(
    pipeline: string,
    jobs: readonly NewJob[],
    { manager, afterCommit }: AnyAddOptions,
  ): Promise<JobId[] | void> {
    if (afterCommit === undefined) {
      const results = await this.#puts.put(pipeline, jobs, manager);
      return results.map(({ id }) => id);
    }
    if (manager !== undefined) {
      throw new InvalidJobOptionError('manager cannot be given together with afterCommit: give one of them');
    }
    this.#puts.afterCommit(pipeline, jobs, afterCommit);
  }
}

function isTyped<T extends readonly unknown[]>(given: T): given is Extract<T, readonly [PipelineDefinition, ...unknown[]]> {
  return given[0] instanceof PipelineDefinition;
}
