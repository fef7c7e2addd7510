import type { JobId, Leased, Seconds } from '../../core/contract/job-data';

interface Lease {
  readonly job: Leased;
  /** The server has not taken the job away before this moment. */
  certainUntil: number;
  /** From this moment on the server should have taken it away. */
  overAt: number;
}

/**
 * The jobs that one connection holds, and how much of their ttr is left. Only the server knows that exactly: a lease
 * begins between our command and its reply. Times are milliseconds of `performance.now()`.
 */
export class HeldLeases {
  private readonly byId = new Map<JobId, Lease>();

  get size(): number {
    return this.byId.size;
  }

  /** Replaces an earlier lease of the same job, which must have run out: otherwise there would be no new one. */
  add(job: Leased, timeLeft: Seconds, askedAt: number): void {
    const certainUntil = askedAt + timeLeft * 1000;
    this.byId.set(job.id, { job, certainUntil, overAt: performance.now() + job.ttr * 1000 });
  }

  /** False when the job was settled meanwhile, or has run out and was reserved here again. */
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

  /** Whether it is held, and less than half of its ttr is certain to be left. */
  isDoubtful(job: Leased): boolean {
    return this.certainTime(job) < job.ttr * 500;
  }

  /** Whether its time may be over. */
  mayBeOver(job: Leased): boolean {
    return this.certainTime(job) < 0;
  }

  /** The jobs that the server should have taken away by now. */
  overdue(): Leased[] {
    const now = performance.now();
    return Array.from(this.byId.values())
      .filter(({ overAt }) => overAt < now)
      .map(({ job }) => job);
  }

  delete(id: JobId): void {
    this.byId.delete(id);
  }

  /** Returns the jobs that were held. */
  clear(): Leased[] {
    const jobs = Array.from(this.byId.values(), ({ job }) => job);
    this.byId.clear();
    return jobs;
  }

  /** Milliseconds; Infinity for a job that is not held. */
  private certainTime(job: Leased): number {
    const lease = this.byId.get(job.id);
    return lease?.job === job ? lease.certainUntil - performance.now() : Infinity;
  }
}
