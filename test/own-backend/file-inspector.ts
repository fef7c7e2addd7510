import type { Inspector, JobSnapshot, PipelineStats, RestingState } from 'nestjs-simple-job-queue';
import type { JobFolder } from './job-folder';
import { snapshot } from './stored-job';

export class FileInspector implements Inspector {
  constructor(
    /** Throws when the backend is closed. */
    private readonly folder: () => JobFolder,
  ) {}

  async find(id: string): Promise<JobSnapshot | undefined> {
    const job = this.folder().find(id);
    return job && snapshot(job, Date.now());
  }

  async peek(pipeline: string, state: RestingState): Promise<JobSnapshot | undefined> {
    const [job] = this.folder().in(state, pipeline);
    return job && snapshot(job, Date.now());
  }

  async stats(pipeline: string): Promise<PipelineStats> {
    const folder = this.folder();
    return {
      ready: folder.in('ready', pipeline).length,
      delayed: folder.in('delayed', pipeline).length,
      reserved: folder.in('reserved', pipeline).length,
      buried: folder.in('buried', pipeline).length,
      pausedFor: folder.pausedFor(pipeline) / 1000,
    };
  }

  async pipelines(): Promise<string[]> {
    return this.folder().pipelines;
  }
}
