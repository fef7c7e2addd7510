import { JobCancelledError } from '../../../core/contract/errors';
import type { Leased } from '../../../core/contract/job-data';
import type { LostListener } from '../../../core/contract/leases';
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
