import type { Admin } from '../../core/contract/backend';
import type { JobId, RestingState, Seconds } from '../../core/contract/job-data';
import type { MemoryPipeline } from './memory-pipeline';
import type { MemoryStore } from './memory-store';

export class MemoryAdmin implements Admin {
  constructor(
    /** Throws when the backend is closed. */
    private readonly store: () => MemoryStore,
  ) {}

  async kick(pipeline: string, limit: number): Promise<number> {
    return this.change(pipeline, (jobs) => jobs.kick(limit));
  }

  async kickJob(id: JobId): Promise<boolean> {
    const job = this.store().find(id);
    if (job?.state !== 'buried' && job?.state !== 'delayed') return false;
    this.change(job.pipeline, (jobs) => jobs.kickJob(job));
    return true;
  }

  async discard(id: JobId): Promise<boolean> {
    const store = this.store();
    const job = store.find(id);
    const resting = job !== undefined && job.state !== 'reserved';
    if (resting) store.delete(job);
    await store.breathe();
    return resting;
  }

  async clear(pipeline: string, state: RestingState): Promise<number> {
    const store = this.store();
    const jobs = store.pipeline(pipeline).list(state, 0, Infinity);
    for (const job of jobs) store.delete(job);
    return jobs.length;
  }

  async pause(pipeline: string, duration: Seconds): Promise<void> {
    this.change(pipeline, (jobs) => jobs.pause(duration));
  }

  async resume(pipeline: string): Promise<void> {
    this.change(pipeline, (jobs) => jobs.resume());
  }

  /** Changes a pipeline so that jobs may become ready, and wakes those who wait for them. */
  private change<T>(pipeline: string, what: (jobs: MemoryPipeline) => T): T {
    const store = this.store();
    const result = what(store.pipeline(pipeline));
    store.wake();
    return result;
  }
}
