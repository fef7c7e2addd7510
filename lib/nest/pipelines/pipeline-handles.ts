import type { Duration } from '../../core/checks/duration';
import type { Page } from '../../core/contract/features';
import type { JobId, JobState, PipelineStats, RestingState } from '../../core/contract/job-data';
import type { Job } from '../../core/policy/job';
import type { JobOptions } from '../../core/policy/job-options';
import type { FoundJob } from '../../core/reading/found-job';
import type {
  AddedOnce,
  AddOnceOptions,
  AddOptions,
  AfterCommitOptions,
  JobToAdd,
  KickOptions,
  ReserveOptions,
} from '../options/service.options';
import { nameOf, type PipelineDefinition } from './pipeline-definition';

type AnyPipeline = string | PipelineDefinition;

/** The verbs of the service that a handle passes on. */
export interface QueueVerbs {
  addJob<T>(pipeline: AnyPipeline, payload: T, options?: JobOptions & AddOptions): Promise<JobId>;
  addJob<T>(pipeline: AnyPipeline, payload: T, options: JobOptions & AfterCommitOptions): Promise<void>;
  addJobOnce<T>(pipeline: AnyPipeline, payload: T, options: AddOnceOptions): Promise<AddedOnce>;
  addJobs<T>(pipeline: AnyPipeline, jobs: readonly JobToAdd<T>[], options?: AddOptions): Promise<JobId[]>;
  addJobs<T>(pipeline: AnyPipeline, jobs: readonly JobToAdd<T>[], options: AfterCommitOptions): Promise<void>;
  getNextJobAndReserve<T>(
    pipeline: string | readonly string[],
    options?: ReserveOptions,
  ): Promise<Job<T> | undefined>;
  getNextBuriedJob<P>(pipeline: AnyPipeline): Promise<FoundJob<P> | undefined>;
  getReadyCount(pipeline: string): Promise<number>;
  getDelayedCount(pipeline: string): Promise<number>;
  getReservedCount(pipeline: string): Promise<number>;
  getBuriedCount(pipeline: string): Promise<number>;
  stats(pipeline: string): Promise<PipelineStats>;
  kick(pipeline: string, limit: number, options?: KickOptions): Promise<number>;
  peek<P>(pipeline: AnyPipeline, state: JobState, page?: Partial<Page>): Promise<FoundJob<P>[]>;
  pause(pipeline: string, duration?: Duration): Promise<void>;
  resume(pipeline: string): Promise<void>;
  clear(pipeline: string, state: RestingState): Promise<number>;
}

/** The service's verbs for one pipeline. Immutable: it can be kept and shared. */
export class PipelineHandle<P = unknown, T = P> {
  readonly name: string;

  constructor(
    private readonly queue: QueueVerbs,
    private readonly pipeline: AnyPipeline,
  ) {
    this.name = nameOf(pipeline);
  }

  add(payload: T, options?: JobOptions & AddOptions): Promise<JobId>;
  add(payload: T, options: JobOptions & AfterCommitOptions): Promise<void>;
  add(payload: T, options?: JobOptions & (AddOptions | AfterCommitOptions)): Promise<JobId | void> {
    return this.queue.addJob(this.pipeline, payload, options as JobOptions & AddOptions);
  }

  /** Adds a job unless one with its unique key is there, and tells whether it did. */
  addOnce(payload: T, options: AddOnceOptions): Promise<AddedOnce> {
    return this.queue.addJobOnce(this.pipeline, payload, options);
  }

  addMany(jobs: readonly JobToAdd<T>[], options?: AddOptions): Promise<JobId[]>;
  addMany(jobs: readonly JobToAdd<T>[], options: AfterCommitOptions): Promise<void>;
  addMany(jobs: readonly JobToAdd<T>[], options?: AddOptions | AfterCommitOptions): Promise<JobId[] | void> {
    return this.queue.addJobs(this.pipeline, jobs, options as AddOptions);
  }

  getNextJobAndReserve(options?: ReserveOptions): Promise<Job<P> | undefined> {
    return this.queue.getNextJobAndReserve(this.name, options);
  }

  getNextBuriedJob(): Promise<FoundJob<P> | undefined> {
    return this.queue.getNextBuriedJob(this.pipeline);
  }

  getReadyCount(): Promise<number> {
    return this.queue.getReadyCount(this.name);
  }

  getDelayedCount(): Promise<number> {
    return this.queue.getDelayedCount(this.name);
  }

  getReservedCount(): Promise<number> {
    return this.queue.getReservedCount(this.name);
  }

  getBuriedCount(): Promise<number> {
    return this.queue.getBuriedCount(this.name);
  }

  stats(): Promise<PipelineStats> {
    return this.queue.stats(this.name);
  }

  kick(limit: number, options?: KickOptions): Promise<number> {
    return this.queue.kick(this.name, limit, options);
  }

  peek(state: JobState, page?: Partial<Page>): Promise<FoundJob<P>[]> {
    return this.queue.peek(this.pipeline, state, page);
  }

  pause(duration?: Duration): Promise<void> {
    return this.queue.pause(this.name, duration);
  }

  resume(): Promise<void> {
    return this.queue.resume(this.name);
  }

  clear(state: RestingState): Promise<number> {
    return this.queue.clear(this.name, state);
  }
}

/** Reserves from several pipelines at once. Immutable: it can be kept and shared. */
export class WatchHandle<T = unknown> {
  constructor(
    private readonly queue: QueueVerbs,
    readonly names: readonly string[],
  ) {}

  getNextJobAndReserve(options?: ReserveOptions): Promise<Job<T> | undefined> {
    return this.queue.getNextJobAndReserve(this.names, options);
  }
}
