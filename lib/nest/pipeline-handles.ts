import type { Page } from '../core/backend';
import type { Job } from '../core/handled-job';
import type { JobId, JobSnapshot, JobState, PipelineStats, RestingState, Seconds } from '../core/job';
import type { JobOptions } from '../core/job-options';
import type { JobQueueService } from './job-queue.service';
import type { JobToAdd, ReserveOptions } from './service.options';

/** The service's verbs for one pipeline. Immutable: it can be kept and shared. */
export class PipelineHandle<T = unknown> {
  constructor(
    private readonly queue: JobQueueService,
    readonly name: string,
  ) {}

  add(payload: T, options?: JobOptions): Promise<JobId> {
    return this.queue.addJob(this.name, payload, options);
  }

  addMany(jobs: readonly JobToAdd<T>[]): Promise<JobId[]> {
    return this.queue.addJobs(this.name, jobs);
  }

  getNextJobAndReserve(options?: ReserveOptions): Promise<Job<T> | undefined> {
    return this.queue.getNextJobAndReserve(this.name, options);
  }

  getNextBuriedJob(): Promise<JobSnapshot | undefined> {
    return this.queue.getNextBuriedJob(this.name);
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

  kick(limit: number): Promise<number> {
    return this.queue.kick(this.name, limit);
  }

  peek(state: JobState, page?: Partial<Page>): Promise<JobSnapshot[]> {
    return this.queue.peek(this.name, state, page);
  }

  pause(duration: Seconds): Promise<void> {
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
    private readonly queue: JobQueueService,
    readonly names: readonly string[],
  ) {}

  getNextJobAndReserve(options?: ReserveOptions): Promise<Job<T> | undefined> {
    return this.queue.getNextJobAndReserve(this.names, options);
  }
}
