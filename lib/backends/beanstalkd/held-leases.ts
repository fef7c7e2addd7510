import type { JobId, Leased, Seconds } from '../../core/contract/job-data';

interface Lease {
  readonly job: Leased;
  /** Until then the server has certainly not taken the job away. */
  certainUntil: number;
  /** From then on it certainly should have. */
  overAt: number;
}

/**
 * The jobs that one connection holds, and what is known of the time that they have left. Only the server knows it
 * exactly: a lease begins between our question and its answer. Times are milliseconds of `performance.now()`.
 */
export class HeldLeases {
  private readonly byId = new Map<JobId, Lease>();

  get size(): number {
    return this.byId.size;
  }

  /** An earlier lease of the same job counts no more: it has run out, or we would not have a new one. */
  add(job: Leased, timeLeft: Seconds, askedAt: number): void {
    const certainUntil = askedAt + timeLeft * 1000;
    this.byId.set(job.id, { job, certainUntil, overAt: performance.now() + job.ttr * 1000 });
  }

  /** False when it was settled meanwhile, or has run out and was reserved here once more. */
  renew(job: Leased, askedAt: number): boolean {
    const lease = this.byId.get(job.id);
    if (lease?.job !== job) return false;
    lease.certainUntil = askedAt + job.ttr * 1000;
    lease.overAt = performance.now() + job.ttr * 1000;
    return true;
  }

  has(job: Leased): boolean {
    return this.byId.get(job.id)?.job === job;
  }

  /** Whether it is held, but less than half of its time is certainly left. */
  isDoubtful(job: Leased): boolean {
    return this.certainTime(job) < job.ttr * 500;
  }

  /** Whether its time may be over. */
  mayBeOver(job: Leased): boolean {
    return this.certainTime(job) < 0;
  }

  /** Those that the server should have taken away by now. */
  overdue(): Leased[] {
    const now = performance.now();
    return Array.from(this.byId.values())
      .filter(({ overAt }) => overAt < now)
      .map(({ job }) => job);
  }

  delete(id: JobId): void {
    this.byId.delete(id);
  }

  /** Returns what was held. */
  clear(): Leased[] {
    const jobs = Array.from(this.byId.values(), ({ job }) => job);
    this.byId.clear();
    return jobs;
  }

  /** Milliseconds; for ever for a job that is not held. */
  private certainTime(job: Leased): number {
    const lease = this.byId.get(job.id);
    return lease?.job === job ? lease.certainUntil - performance.now() : Infinity;
  }
}
