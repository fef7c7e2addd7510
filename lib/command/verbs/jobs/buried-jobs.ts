import type { QueueBackend } from '../../../core/contract/backend';
import { feature } from '../../../core/contract/features';
import type { JobSnapshot, Seconds } from '../../../core/contract/job-data';

const PAGE_SIZE = 500;

export interface BurialFilter {
  /** A part of the reason, in capital or small letters. */
  readonly reason?: string;
  /** Buried no longer ago than that. */
  readonly since?: Seconds;
}

/** The buried jobs of a pipeline that fit, the oldest burial first. */
export async function* buriedJobs(
  queue: QueueBackend,
  pipeline: string,
  { reason = '', since = Infinity }: BurialFilter,
): AsyncGenerator<JobSnapshot> {
  const listing = feature(queue, 'listing');
  const from = Date.now() - since * 1000;
  for (let offset = 0; ; offset += PAGE_SIZE) {
    const page = await listing.list(pipeline, 'buried', { offset, limit: PAGE_SIZE });
    for (const job of page) {
      const isLate = since === Infinity || (job.buriedAt !== undefined && job.buriedAt.getTime() >= from);
      if (isLate && (job.reason ?? '').toLowerCase().includes(reason.toLowerCase())) yield job;
    }
    if (page.length < PAGE_SIZE) return;
  }
}
