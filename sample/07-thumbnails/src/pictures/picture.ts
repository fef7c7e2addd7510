import type { EndedJob, JobSnapshot } from 'nestjs-simple-job-queue';
import { SIZES, type Thumbnail, type ThumbnailJob } from './thumbnail-job';

/** A picture as the page shows it: a job and what it has made. */
export interface Picture {
  readonly id: string;
  readonly name: string;
  readonly state: JobSnapshot['state'] | EndedJob['state'];
  readonly made: readonly Thumbnail[];
  readonly of: number;
  readonly problem?: string;
}

export function pictureOf(job: JobSnapshot | EndedJob, made: readonly Thumbnail[] = []): Picture {
  const { id, state } = job;
  const { name } = JSON.parse(job.payload) as ThumbnailJob;
  const problem = 'reason' in job ? job.reason : 'error' in job ? job.error : undefined;
  return { id, name, state, made, of: SIZES.length, ...(problem !== undefined && { problem }) };
}
