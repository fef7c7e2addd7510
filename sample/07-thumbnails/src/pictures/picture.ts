import type { FoundJob, KeptJob } from 'nestjs-simple-job-queue';
import { SIZES, type Thumbnail, type ThumbnailJob } from './thumbnail-job';

/** A picture as the page shows it: a job and what it has made. */
export interface Picture {
  readonly id: string;
  readonly name: string;
  readonly state: FoundJob['state'] | KeptJob['state'];
  readonly made: readonly Thumbnail[];
  readonly of: number;
  readonly problem?: string;
}

export function pictureOf(
  job: FoundJob<ThumbnailJob> | KeptJob<ThumbnailJob>,
  made: readonly Thumbnail[] = [],
): Picture {
  const { id, state } = job;
  const problem = 'reason' in job ? job.reason : 'error' in job ? job.error : undefined;
  const name = job.payload?.name ?? 'unreadable';
  return { id, name, state, made, of: SIZES.length, ...(problem !== undefined && { problem }) };
}
