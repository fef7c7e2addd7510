import type { JobCancelledError } from '../../contract/errors';
import type { Leased } from '../../contract/job-data';
import type { Keep } from '../../contract/ports/history';
import { Job, type Reservation } from '../../policy/job';
import type { RunningJournal } from './running-journal';

/** Whoever runs the job, and what it does for it. */
export interface RunningJobHost {
  readonly journal: Pick<RunningJournal, 'progress' | 'log'>;
  /** Rejects with `ReservationLostError`. */
  renew(running: RunningJob): Promise<void>;
  /** Resolves when the work and the job's deletion are committed; when it rejects, neither is. */
  transact(running: RunningJob, work: (transaction: object) => Promise<Keep | void>): Promise<void>;
}

/** A job whose handler runs, as its worker sees it. */
export class RunningJob implements Reservation {
  /** Set once the job is known to be no longer ours: nothing may be settled any more. */
  lost = false;
  /** Set when it is lost because somebody has called the job off. */
  cancelled: JobCancelledError | undefined;
  /** Set when its start is told. */
  started = false;
  /** Set while its own transaction deletes it: a renewal that does not find it then has not lost it. */
  ending = false;
  /** Set when the worker stops waiting for the handler: an error that follows is no failed attempt. */
  abandoned = false;
  /** It kills its workers: it is buried instead of run. */
  condemned = false;
  /** Set while a renewal is under way. */
  renewing = false;
  /** Set once the end of the run was told. */
  told = false;
  /** When its handler was started, by the worker's clock. */
  startedAt = 0;
  private controller?: AbortController;
  private abortReason: unknown;

  constructor(
    readonly reserved: Leased,
    private readonly host: RunningJobHost,
    /** When to renew the reservation next, in milliseconds of `performance.now()`. */
    public renewAt: number,
  ) {}

  /** Whether the lease is to be renewed now. */
  isDue(now: number): boolean {
    return this.renewAt <= now && !this.renewing && !this.lost;
  }

  /** Half the ttr, in milliseconds. */
  get renewalPeriod(): number {
    return this.reserved.ttr * 500;
  }

  /** The AbortController is made only for handlers that look at the signal: it costs more than the rest of a job. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.abortReason !== undefined) this.controller.abort(this.abortReason);
    }
    return this.controller.signal;
  }

  touch(): Promise<void> {
    return this.host.renew(this);
  }

  progress(value: unknown): void {
    this.host.journal.progress(this.reserved, value);
  }

  log(line: string): void {
    this.host.journal.log(this.reserved, line);
  }

  transact(work: (transaction: object) => Promise<Keep | void>): Promise<void> {
    return this.host.transact(this, work);
  }

  abort(reason: Error): void {
    this.abortReason ??= reason;
    this.controller?.abort(reason);
  }

  handledAs<T>(payload: T, transaction?: object): Job<T> {
    return new Job(this.reserved, payload, this, transaction);
  }
}
