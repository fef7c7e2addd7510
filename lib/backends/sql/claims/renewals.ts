import { BackendUnavailableError } from '../../../core/contract/errors';
import type { JobId } from '../../../core/contract/job-data';
import type { Hold, SqlDialect, TouchOptions } from '../engine/dialect';
import type { LeaseGrace } from '../ready/lease-grace';
import { apart } from './apart';

/** A renewal that takes longer may have waited for a server that stood still. */
const LATE_MS = 1000;

/** Restarts the time of leases. */
export class Renewals {
  constructor(
    private readonly dialect: Pick<SqlDialect, 'touch'>,
    private readonly grace: Pick<LeaseGrace, 'afterOutage' | 'failed'>,
  ) {}

  /**
   * Returns those that were still ours. After an outage, and after one of which only this renewal knows, these are also
   * those whose time is over and that nobody has freed.
   */
  async renew(holds: readonly Hold[]): Promise<JobId[]> {
    const sentAt = performance.now();
    try {
      const ours = await this.touch(holds, { overdue: this.grace.afterOutage });
      if (ours.length === holds.length || performance.now() - sentAt < LATE_MS) return ours;
      return await this.touch(holds, { overdue: true });
    } catch (error) {
      if (error instanceof BackendUnavailableError) this.grace.failed();
      throw error;
    }
  }

  /** What alone is refused among others is not known to be lost: its time runs out. */
  private async touch(holds: readonly Hold[], which: TouchOptions): Promise<JobId[]> {
    const ours: JobId[] = [];
    const refused = await apart(
      holds,
      async (some) => void ours.push(...(await this.dialect.touch(some, which))),
    );
    const [first] = refused;
    if (first && refused.length === holds.length) throw first.error;
    return ours.concat(refused.map(({ one }) => one.id));
  }
}
