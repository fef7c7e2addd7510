import type { Inspector } from '../../core/contract/backend';
import type { Listing, Page } from '../../core/contract/features';
import type { JobId, JobSnapshot, JobState, PipelineStats, RestingState } from '../../core/contract/job-data';
import type { Counting, PipelineCounts } from '../../core/contract/ports/counting';
import type { MemoryStore } from './memory-store';

export class MemoryInspector implements Inspector, Listing, Counting {
  constructor(
    /** Throws when the backend is closed. */
    private readonly store: () => MemoryStore,
  ) {}

  async find(id: JobId): Promise<JobSnapshot | undefined> {
    return this.store().read((store) => store.find(id)?.snapshot(store.clock.now()));
  }

  async peek(pipeline: string, state: RestingState): Promise<JobSnapshot | undefined> {
    return this.store().read((store) => store.pipeline(pipeline).peek(state)?.snapshot(store.clock.now()));
  }

  async list(pipeline: string, state: JobState, { offset, limit }: Page): Promise<JobSnapshot[]> {
    return this.store().read((store) => {
      const jobs = store.pipeline(pipeline).list(state, offset, limit);
      return jobs.map((job) => job.snapshot(store.clock.now()));
    });
  }

  async stats(pipeline: string): Promise<PipelineStats> {
    return this.store().read((store) => store.pipeline(pipeline).stats());
  }

  async count(pipelines: readonly string[], limit: number): Promise<PipelineCounts[]> {
    return this.store().read((store) => pipelines.map((pipeline) => counted(store, pipeline, limit)));
  }

  async pipelines(): Promise<string[]> {
    return this.store().read((store) => store.pipelinesWithJobs().sort());
  }
}

function counted(store: MemoryStore, pipeline: string, limit: number): PipelineCounts {
  const { pausedFor, ...jobs } = store.pipeline(pipeline).stats();
  const most = Object.entries(jobs).map(([state, many]) => [state, Math.min(many, limit)] as const);
  return {
    ...(Object.fromEntries(most) as typeof jobs),
    pipeline,
    pausedFor,
    more: most.filter(([, many]) => many >= limit).map(([state]) => state as JobState),
  };
}
