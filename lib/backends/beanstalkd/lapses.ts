import type { JobId } from '../../core/contract/job-data';

/** Of so many jobs; the oldest is forgotten first. */
const MOST_JOBS = 10_000;

/**
 * Leases that ran out and were nobody's death: their jobs were never started here, or the server was away when it
 * was asked to renew them. The server counts them as timeouts all the same, and cannot be told otherwise, so this
 * process takes them off again. Another process does not know of them.
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
