import type { Inspector } from '../../core/contract/backend';
import type { Counting, PipelineCounts } from '../../core/contract/counting';
import type { Listing, Page } from '../../core/contract/features';
import type { JobId, JobSnapshot, JobState, PipelineStats, RestingState } from '../../core/contract/job-data';
import type { MemoryStore } from './memory-store';

export class MemoryInspector implements Inspector, Listing, Counting {
  constructor(
    /** Throws when the backend is closed. */
    private readonly store: () => MemoryStore,
  ) {}

  async find(id: JobId): Promise<JobSnapshot | undefined> {
    const store = this.store();
    const snapshot = store.find(id)?.snapshot(store.clock.now());
    await store.breathe();
    return snapshot;
  }

  async peek(pipeline: string, state: RestingState): Promise<JobSnapshot | undefined> {
    const store = this.store();
    return store.pipeline(pipeline).peek(state)?.snapshot(store.clock.now());
  }

  async list(pipeline: string, state: JobState, { offset, limit }: Page): Promise<JobSnapshot[]> {
    const store = this.store();
    const jobs = store.pipeline(pipeline).list(state, offset, limit);
    return jobs.map((job) => job.snapshot(store.clock.now()));
  }

  async stats(pipeline: string): Promise<PipelineStats> {
    return this.store().pipeline(pipeline).stats();
  }

  async count(pipelines: readonly string[], limit: number): Promise<PipelineCounts[]> {
    return pipelines.map((pipeline) => {
      const { pausedFor, ...jobs } = this.store().pipeline(pipeline).stats();
      const counted = Object.entries(jobs).map(([state, many]) => [state, Math.min(many, limit)] as const);
      return {
        ...(Object.fromEntries(counted) as typeof jobs),
        pipeline,
        pausedFor,
        more: counted.filter(([, many]) => many >= limit).map(([state]) => state as JobState),
      };
    });
  }

  async pipelines(): Promise<string[]> {
    return this.store().pipelinesWithJobs().sort();
  }
}
