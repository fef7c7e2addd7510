import { checkedDuration, checkedInteger } from '../../core/checks/checks';
import type { Duration } from '../../core/checks/duration';
import { checkedOptions, type OptionNames } from '../../core/checks/options';
import { read } from '../../core/checks/text';
import type { QueueBackend } from '../../core/contract/backend';
import type { PipelineCounts } from '../../core/contract/counting';
import { feature, type Page } from '../../core/contract/features';
import type { EndedJob } from '../../core/contract/history';
import type { JobId, JobSnapshot, JobState, PipelineStats, RestingState } from '../../core/contract/job-data';
import type { WorkerProcess } from '../../core/contract/registry';
import type {
  EventsOptions,
  HistoryOptions,
  JobChanges,
  KickOptions,
  UniqueHandle,
} from '../options/service.options';
import { PipelineDefinition } from '../pipelines/pipeline-definition';
import { type AnyPipeline, checkedName, checkedState, eachOf, idOf, isFresh } from './checked-arguments';
import { jobIdOf } from './job-handle';
import { historyOf, pageOf } from './job-lookup';
import type { NewJobs } from './new-jobs';
import { eventsOf, type QueueEvent } from './queue-events';

const COUNT_OPTIONS: OptionNames<{ readonly limit?: number }> = { limit: true };
const DEFAULT_LIMIT = 1000;
const MOST_COUNTED = 1_000_000;

const RESTING_STATES: readonly RestingState[] = ['ready', 'delayed', 'buried'];

/** The verbs of a queue's service that look at its pipelines, and change jobs that are not reserved. */
export class QueueAdmin {
  readonly #backend: QueueBackend;
  readonly #jobs: NewJobs;

  constructor({ backend, jobs }: { readonly backend: QueueBackend; readonly jobs: NewJobs }) {
    this.#backend = backend;
    this.#jobs = jobs;
  }

  /** The job that `kick` would take next. Its payload is the stored text. */
  async getNextBuriedJob(pipeline: AnyPipeline): Promise<JobSnapshot | undefined> {
    return this.#backend.inspect.peek(checkedName(pipeline), 'buried');
  }

  /**
   * The processes that run workers of this queue now, the oldest first. One that died is gone from here 15 seconds later.
   *
   * @throws {UnsupportedByBackendError} on beanstalkd
   * @example
   * const running = (await queue.workers()).reduce((sum, process) => sum + process.running, 0);
   */
  async workers(): Promise<WorkerProcess[]> {
    return feature(this.#backend, 'registry').list();
  }

  /**
   * A page of the pipeline's kept jobs, those that ended last first; default the first 20. Jobs are kept where the option
   * `keep` says so. Payload and result are the stored text.
   *
   * @throws {UnsupportedByBackendError} on beanstalkd
   * @example
   * const page = await queue.history('thumbnails', { state: 'completed' });
   * const next = await queue.history('thumbnails', { state: 'completed', after: page.at(-1) });
   */
  async history(pipeline: AnyPipeline, options: HistoryOptions = {}): Promise<EndedJob[]> {
    return historyOf(this.#backend, checkedName(pipeline), options);
  }

  /**
   * The kept job of that id; undefined when it has not ended, is kept no longer or never was.
   *
   * @throws {UnsupportedByBackendError} on beanstalkd
   */
  async findEnded(id: JobId): Promise<EndedJob | undefined> {
    return feature(this.#backend, 'history').find(idOf(id));
  }

  /**
   * The ends of the pipeline's kept jobs, those to come and, with `after`, those that have been, in an order that all
   * readers in all processes see alike. A reader that remembers the cursor of the last event misses none while it is
   * away, also when it is killed. The loop ends when the signal aborts and when the queue closes; in an outage it waits.
   * Jobs that are not kept, and buried ones, make no events.
   *
   * @throws {EventsGoneError} in the loop, when the next event is no longer kept; `error.next` is where to go on
   * @throws {InvalidJobOptionError} for a cursor that is none, or not of this pipeline
   * @throws {UnsupportedByBackendError} on beanstalkd
   * @example
   * for await (const { cursor, job } of queue.events('thumbnails', { after: await lastCursor() })) {
   *   await note(job.id, job.state, cursor);
   * }
   */
  events(pipeline: AnyPipeline, options: EventsOptions = {}): AsyncGenerator<QueueEvent, void, void> {
    return eventsOf(this.#backend, checkedName(pipeline), options);
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
   * With `fresh` they start from nothing, as if they had just been added; that rejects with `UnsupportedByBackendError` on
   * beanstalkd.
   */
  async kick(pipeline: AnyPipeline, limit: number, options: KickOptions = {}): Promise<number> {
    const [name, most] = [checkedName(pipeline), checkedInteger('limit', limit, 1)];
    return isFresh(options)
      ? feature(this.#backend, 'editing').restart(name, most)
      : this.#backend.admin.kick(name, most);
  }

  /** All numbers are 0 for an unused pipeline. */
  async stats(pipeline: AnyPipeline): Promise<PipelineStats> {
    return this.#backend.inspect.stats(checkedName(pipeline));
  }

  /**
   * The jobs of many pipelines by state, counted up to a limit (default 1,000 of a state): for a page that is shown again
   * and again. The states that have more are in `more`. On beanstalkd each number is exact.
   *
   * @example
   * const counts = await queue.counts(await queue.listPipelines());
   */
  async counts(
    pipelines: readonly AnyPipeline[],
    options: { readonly limit?: number } = {},
  ): Promise<PipelineCounts[]> {
    const { limit = DEFAULT_LIMIT } = checkedOptions(options, COUNT_OPTIONS);
    const most = checkedInteger('limit', limit, 1, MOST_COUNTED);
    const names = eachOf('pipelines', pipelines, checkedName);
    const { counting } = this.#backend.features;
    if (counting) return counting.count(names, most);
    const stats = names.map(async (pipeline) => ({
      ...(await this.#backend.inspect.stats(pipeline)),
      pipeline,
      more: [],
    }));
    return Promise.all(stats);
  }

  /** The names of the pipelines that hold jobs, sorted. */
  async listPipelines(): Promise<string[]> {
    return this.#backend.inspect.pipelines();
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
   * For that long, or without a duration until `resume`, no worker gets a job of the pipeline; running jobs go on. On
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

  /**
   * Changes the payload, priority or delay of a job that is not reserved, all at once. Returns false, and changes
   * nothing, when the job does not exist, is reserved, or is buried and a delay is given: only a kick
   * makes a buried job ready. A job that becomes ready by it wakes a worker.
   *
   * With a pipeline's definition, by itself or in the handle of a unique key, the payload has its type and has to pass
   * its schema; a job of another pipeline is none.
   *
   * Rejects with `InvalidPayloadError` or `PayloadTooLargeError` for a payload that cannot be stored as it is, and with
   * `UnsupportedByBackendError` on beanstalkd, which keeps jobs as they were put.
   *
   * @example
   * await queue.changeJob(mails, id, { payload: { to: 'ada@example.org' }, delay: '10m' });
   */
  changeJob<P, T>(
    pipeline: PipelineDefinition<P, T>,
    job: JobSnapshot | JobId | UniqueHandle,
    changes: JobChanges<NoInfer<T>>,
  ): Promise<boolean>;
  changeJob<P, T>(
    job: UniqueHandle<PipelineDefinition<P, T>>,
    changes: JobChanges<NoInfer<T>>,
  ): Promise<boolean>;
  changeJob(job: JobSnapshot | JobId | UniqueHandle<string>, changes: JobChanges): Promise<boolean>;
  async changeJob(
    ...given:
      | [pipeline: PipelineDefinition, job: JobSnapshot | JobId | UniqueHandle, changes: JobChanges]
      | [job: JobSnapshot | JobId | UniqueHandle, changes: JobChanges]
  ): Promise<boolean> {
    const [pipeline, job, changes] = isTyped(given) ? given : ([definitionOf(given[0]), ...given] as const);
    const change = await this.#jobs.change(changes, pipeline);
    const editing = feature(this.#backend, 'editing');
    const id = await jobIdOf(this.#backend, job);
    if (id === undefined) return false;
    if (pipeline && (await this.#backend.inspect.find(id))?.pipeline !== pipeline.name) return false;
    return editing.change(id, change);
  }
}

/** That of a unique key's handle, where it has one. */
function definitionOf(job: JobSnapshot | JobId | UniqueHandle): PipelineDefinition | undefined {
  const pipeline = read(job, 'pipeline');
  return pipeline instanceof PipelineDefinition ? pipeline : undefined;
}

function isTyped<T extends readonly unknown[]>(
  given: T,
): given is Extract<T, readonly [PipelineDefinition, ...unknown[]]> {
  return given[0] instanceof PipelineDefinition;
}
