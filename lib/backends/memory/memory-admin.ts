import type { Admin } from '../../core/contract/backend';
import { JobCancelledError } from '../../core/contract/errors';
import type { Editing } from '../../core/contract/features';
import type { Burial, JobChange, JobId, RestingState, Seconds } from '../../core/contract/job-data';
import type { Cancelling } from '../../core/contract/ports/cancelling';
import { cancelledKeep, keepOf } from '../../core/policy/keep';
import type { MemoryJob } from './memory-job';
import type { MemoryPipeline } from './memory-pipeline';
import type { MemoryStore } from './memory-store';

export class MemoryAdmin implements Admin, Editing, Cancelling {
  constructor(
    /** Throws when the backend is closed. */
    private readonly store: () => MemoryStore,
  ) {}

  async kick(pipeline: string, limit: number): Promise<number> {
    return this.makeReady(pipeline, limit, (jobs, job) => jobs.kick(job));
  }

  async kickJob(id: JobId): Promise<boolean> {
    return this.wakingAbout(kickable(this.store().find(id)), (jobs, job) => jobs.kick(job));
  }

  async restart(pipeline: string, limit: number): Promise<number> {
    return this.makeReady(pipeline, limit, (jobs, job) => jobs.restart(job));
  }

  async restartJob(id: JobId): Promise<boolean> {
    return this.wakingAbout(kickable(this.store().find(id)), (jobs, job) => jobs.restart(job));
  }

  async change(id: JobId, change: JobChange): Promise<boolean> {
    const job = resting(this.store().find(id));
    const hasTime = change.delay === undefined || job?.state !== 'buried';
    return this.wakingAbout(hasTime ? job : undefined, (jobs, its) => jobs.change(its, change));
  }

  async bury(id: JobId, { reason, priority }: Burial): Promise<boolean> {
    const job = resting(this.store().find(id));
    return this.wakingAbout(job, (jobs, its) => jobs.bury(its, reason, priority ?? its.priority));
  }

  async discard(id: JobId): Promise<boolean> {
    const store = this.store();
    const job = resting(store.find(id));
    if (job) store.delete(job);
    await store.breathe();
    return job !== undefined;
  }

  async cancel(id: JobId, reason?: string): Promise<boolean> {
    const store = this.store();
    const job = store.find(id);
    if (!job) return false;
    const { lease, holder } = job;
    const rule = cancelledKeep(keepOf(job.retry, store.keepCancelled.get(job.pipeline)));
    store.kept.add(job, 'cancelled', { ...rule, ...(reason !== undefined && { error: reason }) });
    store.delete(job);
    if (lease) holder?.([lease], new JobCancelledError(id, reason));
    await store.breathe();
    return true;
  }

  async clear(pipeline: string, state: RestingState): Promise<number> {
    const store = this.store();
    const jobs = store.pipeline(pipeline).list(state, 0, Infinity);
    for (const job of jobs) store.delete(job);
    return jobs.length;
  }

  async pause(pipeline: string, duration: Seconds): Promise<void> {
    this.waking(pipeline, (jobs) => jobs.pause(duration));
  }

  async resume(pipeline: string): Promise<void> {
    this.waking(pipeline, (jobs) => jobs.resume());
  }

  private makeReady(
    pipeline: string,
    limit: number,
    kick: (jobs: MemoryPipeline, job: MemoryJob) => void,
  ): number {
    return this.waking(pipeline, (jobs) => {
      const kicked = jobs.kickable(limit);
      for (const job of kicked) kick(jobs, job);
      return kicked.length;
    });
  }

  /** Changes a pipeline so that jobs may become ready, and wakes those who wait for them. */
  private waking<T>(pipeline: string, what: (jobs: MemoryPipeline) => T): T {
    const store = this.store();
    const result = what(store.pipeline(pipeline));
    store.wake();
    return result;
  }

  /** The same for one job, if it is there. */
  private wakingAbout(
    job: MemoryJob | undefined,
    what: (jobs: MemoryPipeline, job: MemoryJob) => void,
  ): boolean {
    if (job) this.waking(job.pipeline, (jobs) => what(jobs, job));
    return job !== undefined;
  }
}

function resting(job: MemoryJob | undefined): MemoryJob | undefined {
  return job?.state === 'reserved' ? undefined : job;
}

function kickable(job: MemoryJob | undefined): MemoryJob | undefined {
  return job?.state === 'buried' || job?.state === 'delayed' ? job : undefined;
}
