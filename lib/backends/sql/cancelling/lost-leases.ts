import { JobCancelledError } from '../../../core/contract/errors';
import type { JobId, Leased } from '../../../core/contract/job-data';
import type { LostListener, Settlement } from '../../../core/contract/leases';
import type { CancelledJobs, Reasons } from './cancelled-jobs';

/** Tells one worker which of the jobs that it has lost were called off. */
export class LostLeases {
  constructor(
    private readonly cancelled: Pick<CancelledJobs, 'reasonsOf'>,
    private readonly onLost: LostListener | undefined,
  ) {}

  tell(jobs: readonly Leased[], reasons: Reasons): void {
    for (const job of jobs)
      if (reasons.has(job.id)) this.onLost?.([job], new JobCancelledError(job.id, reasons.get(job.id)));
  }

  /** Tells before anything else is said of these jobs, and returns them. */
  async explained(lost: Leased[]): Promise<Leased[]> {
    if (lost.length === 0 || !this.onLost) return lost;
    const asked = this.cancelled.reasonsOf(lost.map(({ id }) => id));
    // That they are lost is known all the same.
    this.tell(lost, await asked.catch(() => new Map<string, string>()));
    return lost;
  }
}

/**
 * Of those that ended the ones that were not settled. `ours` are those that were asked for, as it was before the
 * statement: a renewal under way may have forgotten a job that this one has settled.
 */
export function lostOf(
  ends: readonly Settlement[],
  ours: readonly { readonly end: Settlement }[],
  settled: readonly JobId[],
): Leased[] {
  if (settled.length === ends.length) return [];
  const asked = new Set(ours.map(({ end }) => end));
  const ids = new Set(settled);
  return ends.filter((end) => !asked.has(end) || !ids.has(end.job.id)).map(({ job }) => job);
}
