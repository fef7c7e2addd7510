import { branded } from '../checks/brand';
import { checkedText } from '../checks/checks';
import type { JobId, Leased, Seconds } from '../contract/job-data';
import { type Slot, slotOf } from '../schedule/slot-headers';

/** One worker's hold on a job. */
export interface Reservation {
  readonly signal: AbortSignal;
  touch(): Promise<void>;
  progress(value: unknown): void;
  log(line: string): void;
}

/**
 * A job as a handler gets it.
 *
 * @example
 * @Process('mail')
 * async send(job: Job<{ to: string }>) {
 *   await this.mailer.send(job.payload.to, { signal: job.signal });
 * }
 */
export class Job<T = unknown, Transaction = unknown> {
  readonly id: JobId;
  readonly pipeline: string;
  readonly priority: number;
  /** One start of a handler for this job, counted from 1. */
  readonly attempt: number;
  readonly ttr: Seconds;
  /** When the job was added, where the backend knows it. */
  readonly addedAt: Date | undefined;

  /**
   * With the handler option `transaction`: what the handler writes by it commits together with the job's deletion. It is
   * what the library hands out for a transaction: the client of Prisma's `$transaction()`, a TypeORM EntityManager.
   * Undefined without.
   *
   * @example
   * @Process('invoices', { transaction: true })
   * async write({ payload, transaction }: Job<Order, Prisma.TransactionClient>) {
   *   await transaction.invoice.create({ data: { orderId: payload.id } });
   * }
   */
  readonly transaction: Transaction;
  /** The same, as TypeORM calls it: see `TransactionalJob`. */
  readonly manager: unknown;

  readonly #reservation: Reservation;
  readonly #headers: string | undefined;

  constructor(
    reserved: Leased,
    readonly payload: T,
    reservation: Reservation,
    transaction?: object,
  ) {
    this.transaction = transaction as Transaction;
    this.manager = transaction;
    this.id = reserved.id;
    this.pipeline = reserved.pipeline;
    this.priority = reserved.priority;
    this.attempt = reserved.attempt;
    this.ttr = reserved.ttr;
    this.addedAt = reserved.addedAt;
    this.#reservation = reservation;
    this.#headers = reserved.headers;
  }

  /** The name of the schedule that has added the job; undefined when it was none. */
  get schedule(): string | undefined {
    return this.#slot?.schedule;
  }

  /** The moment of the schedule for which the job was added, which may be long ago; undefined when it was no schedule. */
  get slot(): Date | undefined {
    return this.#slot?.slot;
  }

  /** Read only by who asks: most jobs have none. */
  get #slot(): Slot | undefined {
    return slotOf({ ...(this.#headers !== undefined && { headers: this.#headers }) });
  }

  /**
   * Aborts when going on is of no use; `signal.reason` says why: `ReservationLostError`, `JobCancelledError`,
   * `HandlerTimeoutError` or `WorkerStoppedError`.
   */
  get signal(): AbortSignal {
    return this.#reservation.signal;
  }

  /**
   * Restarts the full ttr. Workers renew running jobs automatically; call this only for jobs that you reserved
   * yourself.
   *
   * @throws {ReservationLostError} when the job is no longer ours
   */
  touch(): Promise<void> {
    return this.#reservation.touch();
  }

  /**
   * Says how far the job is: any value that the queue's codec takes, of at most 64 KiB. `queue.progress(id)` reads it in
   * every process, while the job runs and as long as it is there or kept. Returns at once: it is written at most once a
   * second, the last value before the job ends, and none when the lease is lost. A process that dies may lose the last
   * second of it.
   *
   * @throws {InvalidJobOptionError} for a value that cannot be stored, or is too long
   * @throws {UnsupportedByBackendError} on beanstalkd
   * @example
   * job.progress({ done: 3, of: 12 });
   */
  progress(value: unknown): void {
    this.#reservation.progress(value);
  }

  /**
   * Adds a line to the job's log, which `queue.logs(id)` reads. Written as the progress is; a line is cut after 4,096
   * characters, and the newest 1,000 lines of a job stay.
   *
   * @throws {UnsupportedByBackendError} on beanstalkd
   */
  log(line: string): void {
    this.#reservation.log(checkedText('line', line));
  }
}

branded('Job', Job);

/** When it resolves, the job is deleted; when it resolves `false`, buried; when it throws, the retry policy decides. */
export type Handler = (job: Job) => unknown;
