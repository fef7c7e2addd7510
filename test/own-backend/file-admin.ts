import type { Admin, RestingState, Seconds } from 'nestjs-simple-job-queue';
import type { JobFolder } from './job-folder';
import { type JobRecord, ready } from './stored-job';

export class FileAdmin implements Admin {
  constructor(
    /** Throws when the backend is closed. */
    private readonly folder: () => JobFolder,
  ) {}

  async kick(pipeline: string, limit: number): Promise<number> {
    const folder = this.folder();
    const buried = folder.in('buried', pipeline);
    const jobs = (buried.length > 0 ? buried : folder.in('delayed', pipeline)).slice(0, limit);
    for (const job of jobs) folder.keep(kicked(job));
    return jobs.length;
  }

  async kickJob(id: string): Promise<boolean> {
    const folder = this.folder();
    const job = folder.find(id);
    if (job?.state !== 'buried' && job?.state !== 'delayed') return false;
    folder.keep(kicked(job));
    return true;
  }

  async discard(id: string): Promise<boolean> {
    const folder = this.folder();
    const job = folder.find(id);
    if (!job || job.state === 'reserved') return false;
    folder.remove(job);
    return true;
  }

  async clear(pipeline: string, state: RestingState): Promise<number> {
    const folder = this.folder();
    const jobs = folder.in(state, pipeline);
    for (const job of jobs) folder.remove(job);
    return jobs.length;
  }

  async pause(pipeline: string, duration: Seconds): Promise<void> {
    this.folder().pause(pipeline, duration * 1000);
  }

  async resume(pipeline: string): Promise<void> {
    this.folder().pause(pipeline, 0);
  }
}

function kicked(job: JobRecord): JobRecord {
  return ready(job, { kicks: job.kicks + 1 });
}
