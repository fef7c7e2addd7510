import { checkedDuration, checkedPriority, checkedText } from '../../core/checks/checks';
import { checkedOptions, type OptionNames } from '../../core/checks/options';
import { asReason, shown } from '../../core/checks/text';
import type { QueueBackend } from '../../core/contract/backend';
import { ProcessorMisconfiguredError } from '../../core/contract/errors';
import { feature } from '../../core/contract/features';
import type { JobId, PutResult } from '../../core/contract/job-data';
import type { PayloadCodec } from '../../core/payload/payload-codec';
import type { Handler, Job } from '../../core/policy/job';
import { JOB_OPTIONS, type JobOptions } from '../../core/policy/job-options';
import type { Reservations } from '../../core/reservations/reservations';
import type { JobWaits } from '../../core/waiting/job-waits';
import { HANDLER_OPTIONS, type HandlerOptions } from '../options/handler.options';
import type {
  AddedOnce,
  AddOnceOptions,
  AddOptions,
  AfterCommitOptions,
  BuryOptions,
  JobReference,
  JobToAdd,
  KickOptions,
  ReleaseOptions,
  ReserveOptions,
  WaitOptions,
} from '../options/service.options';
import { type PipelineDefinition, schemaOf } from '../pipelines/pipeline-definition';
import { PipelineHandle, WatchHandle } from '../pipelines/pipeline-handles';
import { QueueSchedules } from '../schedules/queue-schedules';
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
  checkedOnce,
  isFresh,
  isJob,
  RELEASE_OPTIONS,
  RESERVE_OPTIONS,
} from './checked-arguments';
import { checkedTimeout, FollowedJobs } from './followed-jobs';
import { jobIdOf } from './job-handle';
import type { JobPuts } from './job-puts';
import type { NewJobs } from './new-jobs';

const ADD_AND_WAIT: OptionNames<JobOptions & WaitOptions> = { ...JOB_OPTIONS, timeout: true };

/** What a service is made of. */
export interface JobQueueParts {
  readonly backend: QueueBackend;
  readonly codec: PayloadCodec;
  readonly waits: JobWaits;
  readonly jobs: NewJobs;
  readonly reservations: Reservations;
  readonly puts: JobPuts;
  readonly handlers: RuntimeHandlers;
}

/**
 * A queue as the application sees it. Every verb checks its arguments before it does anything.
 *
 * @throws {InvalidPipelineNameError | InvalidJobOptionError} for an argument that is wrong
 * @throws {BackendUnavailableError} when the same call may succeed later
 * @example
 * await queue.addJob('send_mail', { to: 'ada@example.org' }, { delay: '10s', priority: 0 });
 */
export class JobQueueService extends FollowedJobs {
  // Private at run time, too: a log that is given the service prints what it has, and a backend may have a password.
  readonly #backend: QueueBackend;
  readonly #jobs: NewJobs;
  readonly #reservations: Reservations;
  readonly #puts: JobPuts;
  readonly #handlers: RuntimeHandlers;
  readonly #schedules: QueueSchedules;

  constructor(parts: JobQueueParts) {
    super(parts);
    this.#schedules = new QueueSchedules(parts.backend, parts.jobs, parts.puts);
    this.#backend = parts.backend;
    this.#jobs = parts.jobs;
    this.#reservations = parts.reservations;
    this.#puts = parts.puts;
    this.#handlers = parts.handlers;
  }

  /** Jobs by the clock. On beanstalkd every verb rejects with `UnsupportedByBackendError`. */
  get schedules(): QueueSchedules {
    return this.#schedules;
  }

  /**
   * Handles the jobs of a pipeline from now on, as a method with `@Process()` does, until it is closed or the
   * application ends. It does nothing in a process without workers (`workers: false`).
   *
   * @throws {ProcessorMisconfiguredError} when the pipeline has a handler already
   * @throws {BackendClosedError} when the application is ending
   * @example
   * await using handler = await queue.process('import', ({ payload }) => importRow(payload), { concurrency: 5 });
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
   * Adds a job and returns its id. When it has resolved, the job survives a crash.
   *
   * @throws {InvalidPayloadError | PayloadTooLargeError} when the payload cannot be stored as it is
   * @example
   * const id = await queue.addJob('send_mail', { to: 'ada@example.org' }, { delay: '10s' });
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
    return (await this.addOne(pipeline, payload, given))?.id;
  }

  /**
   * As `addJob` with the option `unique`, and also tells whether the job was added or one with its key was there.
   *
   * @example
   * const { id, added } = await queue.addJobOnce('invoice', order, { unique: `order:${order.id}` });
   */
  addJobOnce<P, T>(
    pipeline: PipelineDefinition<P, T>,
    payload: NoInfer<T>,
    options: AddOnceOptions,
  ): Promise<AddedOnce>;
  addJobOnce<T>(pipeline: string, payload: T, options: AddOnceOptions): Promise<AddedOnce>;
  async addJobOnce(pipeline: AnyPipeline, payload: unknown, given: AddOnceOptions): Promise<AddedOnce> {
    const options = checkedOnce(given);
    const { id, existed } = (await this.addOne(pipeline, payload, options)) as PutResult;
    return { id, added: !existed };
  }

  /**
   * Adds the jobs together and returns their ids in the same order. SQL backends store all or none.
   *
   * @throws {PutIncompleteError} on beanstalkd, with the ids of the jobs that were stored
   * @example
   * await queue.addJobs('send_mail', [{ payload: ada }, { payload: grace, priority: 0 }]);
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
    const made = await this.#jobs.several(pipeline, jobs);
    const results = await this.#puts.add(checkedName(pipeline), made, options);
    return results?.map(({ id }) => id);
  }

  /** A handle on one pipeline. @throws {InvalidPipelineNameError} */
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
   * Reserves the next job by hand, from one pipeline or from several; `undefined` when none came in time. Settle it with
   * `deleteJob`, `releaseJob` or `buryJob` within its ttr, which `touchJob` restarts. Otherwise, and when the process
   * dies, the job becomes ready again.
   *
   * @example
   * const job = await queue.getNextJobAndReserve('send_mail', { wait: '5s' });
   * if (job) await queue.deleteJob(job);
   */
  async getNextJobAndReserve<T = unknown>(
    pipeline: string | PipelineDefinition<T, unknown> | readonly (string | PipelineDefinition<T, unknown>)[],
    options: ReserveOptions = {},
  ): Promise<Job<T> | undefined> {
    const { wait = 0 } = checkedOptions(options, RESERVE_OPTIONS);
    const job = await this.#reservations.reserve(checkedNames(pipeline), checkedDuration('wait', wait));
    return job as Job<T> | undefined;
  }

  /**
   * Deletes a job that you reserved, or one that is not reserved, by its id or its unique key. Of the latter, returns
   * false when it does not exist or is reserved.
   *
   * @throws {ReservationLostError} when a job that you reserved is no longer yours
   */
  async deleteJob(job: Job | JobReference): Promise<boolean> {
    if (!isJob(job)) {
      const id = await jobIdOf(this.#backend, job);
      return id !== undefined && this.#backend.admin.discard(id);
    }
    await this.#reservations.settle(job, { outcome: 'delete' });
    return true;
  }

  /** Gives back a job that you reserved. @throws {ReservationLostError} when it is no longer yours */
  async releaseJob(job: Job, options: ReleaseOptions = {}): Promise<void> {
    const { delay = 0, priority } = checkedOptions(options, RELEASE_OPTIONS);
    await this.#reservations.settle(checkedJob(job), {
      outcome: 'release',
      delay: checkedDuration('delay', delay),
      ...(priority !== undefined && { priority: checkedPriority(priority) }),
    });
  }

  /**
   * Buries a job that you reserved, or one that is not reserved. The latter counts no attempt, and returns false when the
   * job does not exist or is reserved.
   *
   * @throws {ReservationLostError} when a job that you reserved is no longer yours
   * @throws {UnsupportedByBackendError} on beanstalkd, for a job that is not reserved
   */
  async buryJob(job: Job | JobReference, options: BuryOptions = {}): Promise<boolean> {
    const { reason, priority } = checkedOptions(options, BURY_OPTIONS);
    const burial = {
      ...(reason !== undefined && { reason: asReason(checkedText('reason', reason)) }),
      ...(priority !== undefined && { priority: checkedPriority(priority) }),
    };
    if (!isJob(job)) {
      const id = await jobIdOf(this.#backend, job);
      return id !== undefined && feature(this.#backend, 'editing').bury(id, burial);
    }
    await this.#reservations.settle(job, { outcome: 'bury', ...burial });
    return true;
  }

  /**
   * Makes a buried or delayed job ready; returns false when it is neither. With `fresh` it starts from nothing, as if it
   * had just been added.
   *
   * @throws {UnsupportedByBackendError} on beanstalkd, with `fresh`
   */
  async kickJob(job: JobReference, options: KickOptions = {}): Promise<boolean> {
    const fresh = isFresh(options);
    const id = await jobIdOf(this.#backend, job);
    if (id === undefined) return false;
    return fresh ? feature(this.#backend, 'editing').restartJob(id) : this.#backend.admin.kickJob(id);
  }

  /** Restarts the job's full ttr. @throws {ReservationLostError} when it is no longer yours */
  async touchJob(job: Job): Promise<void> {
    await checkedJob(job).touch();
  }

  /**
   * Adds a job and waits until it has ended, as `waitFor` does. Outside of any transaction: a job that is not committed
   * would never end. With a definition the result has the type of what it is assigned to.
   *
   * @example
   * const pdf = await queue.addJobAndWait<{ key: string }>('render', { invoice: 7 }, { timeout: '30s' });
   */
  addJobAndWait<P, T, R = unknown>(
    pipeline: PipelineDefinition<P, T>,
    payload: NoInfer<T>,
    options: JobOptions & WaitOptions,
  ): Promise<R>;
  addJobAndWait<R = unknown>(
    pipeline: string,
    payload: unknown,
    options: JobOptions & WaitOptions,
  ): Promise<R>;
  async addJobAndWait<R>(
    pipeline: AnyPipeline,
    payload: unknown,
    given: JobOptions & WaitOptions,
  ): Promise<R> {
    const { timeout, ...options } = checkedOptions<Partial<JobOptions & WaitOptions>>(
      given ?? {},
      ADD_AND_WAIT,
    );
    const within = checkedTimeout({ ...(timeout !== undefined && { timeout }) });
    feature(this.#backend, 'waiting');
    const added = await this.addOne(pipeline, payload, {
      ...options,
      manager: null,
    });
    return this.waitFor<R>((added as PutResult).id, { timeout: within });
  }

  private async addOne(
    pipeline: AnyPipeline,
    payload: unknown,
    given: JobOptions & AnyAddOptions,
  ): Promise<PutResult | undefined> {
    const options = checkedOptions(given, ADD_JOB_OPTIONS);
    const jobs = await this.#jobs.one(pipeline, payload, options);
    return (await this.#puts.add(checkedName(pipeline), jobs, options))?.[0];
  }
}
