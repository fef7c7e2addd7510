import type { JobId } from '../../core/contract/job-data';

/** How many jobs to remember; the oldest is forgotten first. */
const MOST_JOBS = 10_000;

/**
 * Leases that ran out although no worker died: their jobs were never started here, or the server was away when it was
 * asked to renew them. The server counts them as timeouts all the same, so this process subtracts them. Other
 * processes do not know of them.
 */
export class Lapses {
  private readonly byId = new Map<JobId, number>();

  add(id: JobId): void {
    const count = this.of(id) + 1;
    this.byId.delete(id);
    this.byId.set(id, count);
    if (this.byId.size <= MOST_JOBS) return;
    for (const oldest of this.byId.keys()) {
      this.byId.delete(oldest);
      return;
    }
  }

  of(id: JobId): number {
    return this.byId.get(id) ?? 0;
  }

  forget(id: JobId): void {
    this.byId.delete(id);
  }
}
