import type { JobId, Leased, Seconds } from '../../core/contract/job-data';

interface Reservation {
  readonly job: Leased;
  /** Until then the server has certainly not taken the job away. */
  certainUntil: number;
  /** From then on it certainly should have. */
  overAt: number;
}

/**
 * The jobs that one connection holds, and what is known of the time that they have left. Only the server knows it
 * exactly: a reservation begins between our question and its answer. Times are milliseconds of `performance.now()`.
 */
export class Reservations {
  private readonly byId = new Map<JobId, Reservation>();

  get size(): number {
    return this.byId.size;
  }

  /** An earlier reservation of the same job counts no more: it has run out, or we would not have a new one. */
  add(job: Leased, timeLeft: Seconds, askedAt: number): void {
    const certainUntil = askedAt + timeLeft * 1000;
    this.byId.set(job.id, { job, certainUntil, overAt: performance.now() + job.ttr * 1000 });
  }

  /** False when it was settled meanwhile, or has run out and was reserved here once more. */
  renew(job: Leased, askedAt: number): boolean {
    const reservation = this.byId.get(job.id);
    if (reservation?.job !== job) return false;
    reservation.certainUntil = askedAt + job.ttr * 1000;
    reservation.overAt = performance.now() + job.ttr * 1000;
    return true;
  }

  has(job: Leased): boolean {
    return this.byId.get(job.id)?.job === job;
  }

  /** Whether it is held, but less than half of its time is certainly left. */
  isDoubtful(job: Leased): boolean {
    const reservation = this.byId.get(job.id);
    return reservation?.job === job && reservation.certainUntil - performance.now() < (job.ttr * 1000) / 2;
  }

  /** Those that the server should have taken away by now. */
  overdue(): JobId[] {
    const now = performance.now();
    return Array.from(this.byId.values())
      .filter(({ overAt }) => overAt < now)
      .map(({ job }) => job.id);
  }

  delete(id: JobId): void {
    this.byId.delete(id);
  }
}
