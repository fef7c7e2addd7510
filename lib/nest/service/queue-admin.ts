import { checkedDuration, checkedInteger } from '../../core/checks/checks';
import type { Duration } from '../../core/checks/duration';
import { checkedOptions, type OptionNames } from '../../core/checks/options';
import type { QueueBackend } from '../../core/contract/backend';
import { feature } from '../../core/contract/features';
import type { PipelineStats, RestingState } from '../../core/contract/job-data';
import type { PipelineCounts } from '../../core/contract/ports/counting';
import type { WorkerProcess } from '../../core/contract/ports/registry';
import type {
  IdentifiedJob,
  JobChanges,
  JobReference,
  KickOptions,
  UniqueHandle,
} from '../options/service.options';
import { definitionOf, PipelineDefinition } from '../pipelines/pipeline-definition';
import { type AnyPipeline, checkedName, checkedState, eachOf, isFresh } from './checked-arguments';
import { jobIdOf } from './job-handle';
import type { NewJobs } from './new-jobs';
import { ReadJobs, type ReadJobsParts } from './read-jobs';

const COUNT_OPTIONS: OptionNames<{ readonly limit?: number }> = { limit: true };
const DEFAULT_LIMIT = 1000;
const MOST_COUNTED = 1_000_000;

const RESTING_STATES: readonly RestingState[] = ['ready', 'delayed', 'buried'];

/** The verbs of a queue's service that look at its pipelines, and change jobs that are not reserved. */
export class QueueAdmin extends ReadJobs {
  readonly #backend: QueueBackend;
  readonly #jobs: NewJobs;

  constructor(parts: ReadJobsParts & { readonly jobs: NewJobs }) {
    super(parts);
    this.#backend = parts.backend;
    this.#jobs = parts.jobs;
  }

  /**
   * The processes that run workers of this queue now, the oldest first. One that died is gone from here at most 15
   * seconds later.
   *
   * @throws {UnsupportedByBackendError} on beanstalkd
   * @example
   * const running = (await queue.workers()).reduce((sum, process) => sum + process.running, 0);
   */
  async workers(): Promise<WorkerProcess[]> {
    return feature(this.#backend, 'registry').list();
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
    job: JobReference,
    changes: JobChanges<NoInfer<T>>,
  ): Promise<boolean>;
  changeJob<P, T>(
    job: UniqueHandle<PipelineDefinition<P, T>>,
    changes: JobChanges<NoInfer<T>>,
  ): Promise<boolean>;
  changeJob(job: IdentifiedJob | UniqueHandle<string>, changes: JobChanges): Promise<boolean>;
  async changeJob(
    ...given:
      | [pipeline: PipelineDefinition, job: JobReference, changes: JobChanges]
      | [job: JobReference, changes: JobChanges]
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

function isTyped<T extends readonly unknown[]>(
  given: T,
): given is Extract<T, readonly [PipelineDefinition, ...unknown[]]> {
  return given[0] instanceof PipelineDefinition;
}
