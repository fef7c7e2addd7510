import { branded } from '../checks/brand';
import type { JobId, Leased, Seconds } from '../contract/job-data';

/** The hold that somebody has on a job. */
export interface Reservation {
  readonly signal: AbortSignal;
  touch(): Promise<void>;
}

/** A job as a handler gets it. */
export class Job<T = unknown> {
  readonly id: JobId;
  readonly pipeline: string;
  readonly priority: number;
  /** One start of a handler for this job, counted from 1. */
  readonly attempt: number;
  readonly ttr: Seconds;
  /** When the job was added, where the backend knows it. */
  readonly addedAt: Date | undefined;

  /**
   * With the handler option `transaction`: what the handler writes by it commits together with the job's deletion
   * (TypeORM: an EntityManager, see `TransactionalJob`). Undefined without.
   */
  readonly manager: unknown;

  readonly #reservation: Reservation;

  constructor(
    reserved: Leased,
    readonly payload: T,
    reservation: Reservation,
    manager?: object,
  ) {
    this.manager = manager;
    this.id = reserved.id;
    this.pipeline = reserved.pipeline;
    this.priority = reserved.priority;
    this.attempt = reserved.attempt;
    this.ttr = reserved.ttr;
    this.addedAt = reserved.addedAt;
    this.#reservation = reservation;
  }

  /**
   * Aborts when there is no use in going on; `signal.reason` tells why: `ReservationLostError`,
   * `HandlerTimeoutError` or `WorkerStoppedError`.
   */
  get signal(): AbortSignal {
    return this.#reservation.signal;
  }

  /**
   * Starts the full ttr anew; rejects with `ReservationLostError` when the job is no longer ours. A worker
   * does this for its running jobs by itself: only who reserves by hand has to.
   */
  touch(): Promise<void> {
    return this.#reservation.touch();
  }
}

branded('Job', Job);

/** Resolves: the job is deleted. Resolves `false`: it is buried. Throws: the retry policy decides. */
export type Handler = (job: Job) => unknown;
