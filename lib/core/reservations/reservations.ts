import type { QueueBackend } from '../contract/backend';
import { BackendClosedError, JobCancelledError, ReservationLostError } from '../contract/errors';
import type { Leased, Seconds } from '../contract/job-data';
import type { Leases, Settlement } from '../contract/leases';
import { type Logger, silentLogger } from '../contract/logger';
import { decodedPayload, type PayloadCodec } from '../payload/payload-codec';
import { Job, type Reservation } from '../policy/job';
import { reasonOf } from '../policy/outcome';
import { steadyClock } from '../time/clock';
import { closeInTime } from '../time/close-in-time';
import { clearTimeout, setTimeout } from '../time/timers';
import { RunningJournal } from '../worker/run/running-journal';
import { SharedLeases } from './shared-leases';

type Outcome = Settlement extends infer S ? (S extends Settlement ? Omit<S, 'job'> : never) : never;

/** Unused leases are closed after that time: code that asks for some pipelines once may never ask again. */
const KEPT_FOR: Seconds = 30;
/** The most that is kept unused: leases cost a connection on some backends, and a look each second on others. */
const MOST_UNUSED = 10;

/** The leases of one set of pipelines. */
interface Lot {
  readonly opening: Promise<SharedLeases>;
  opened?: SharedLeases;
  /** Calls that wait for a job. */
  callers: number;
  /** When the last one ended, in milliseconds of `performance.now()`. */
  usedAt: number;
}

/** The jobs that the application has reserved by hand, outside of any worker. */
export class Reservations {
  /** By the set of pipelines; the one that was asked for last stands last. */
  private readonly lots = new Map<string, Lot>();
  private readonly held = new WeakMap<Job, HeldJob>();
  private readonly leased = new WeakMap<Leased, HeldJob>();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly backend: QueueBackend,
    private readonly codec: PayloadCodec,
    private readonly logger: Logger = silentLogger,
    private readonly keptFor = KEPT_FOR,
  ) {}

  /** A job whose payload cannot be decoded is buried, and the call rejects with `UndecodablePayloadError`. */
  async reserve(pipelines: readonly string[], wait: Seconds): Promise<Job | undefined> {
    const lot = this.lotOf(pipelines);
    lot.callers += 1;
    try {
      const leases = await lot.opening;
      const reserved = await leases.reserve(wait);
      if (!reserved) return undefined;
      const holding = new HeldJob(reserved, leases);
      this.leased.set(reserved, holding);
      const job = new Job(reserved, await this.decoded(holding), holding);
      this.held.set(job, holding);
      return job;
    } finally {
      lot.callers -= 1;
      lot.usedAt = performance.now();
      this.tidy();
    }
  }

  /** Rejects with `ReservationLostError` when the job is not, or no longer, reserved by hand. */
  async settle(job: Job, outcome: Outcome): Promise<void> {
    const holding = this.held.get(job);
    if (!holding) throw new ReservationLostError(job.id);
    await holding.settle(outcome);
    this.held.delete(job);
  }

  /** What is still held becomes ready again, without counting an attempt; who waits for a job gets none. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    const opened = await Promise.allSettled(Array.from(this.lots.values(), ({ opening }) => opening));
    this.lots.clear();
    const all = opened.flatMap((made) => (made.status === 'fulfilled' ? [made.value] : []));
    await Promise.all(all.map((leases) => closeInTime(leases, this.backend.name, 'reservations by hand')));
  }

  private lotOf(pipelines: readonly string[]): Lot {
    if (this.closed) throw new BackendClosedError(this.backend.name);
    const names = [...new Set(pipelines)].sort();
    const key = names.join(' ');
    const lot = this.lots.get(key) ?? this.newLot(key, names);
    this.lots.delete(key);
    this.lots.set(key, lot);
    return lot;
  }

  private newLot(key: string, names: readonly string[]): Lot {
    const opening = this.backend
      .lease(names, (jobs, cause) => this.lose(jobs, cause))
      .then((leases) => new SharedLeases(leases, this.journalOf(leases)));
    const lot: Lot = { opening, callers: 0, usedAt: performance.now() };
    opening.then(
      (opened) => (lot.opened = opened),
      () => this.lots.delete(key),
    );
    return lot;
  }

  private journalOf(leases: Leases): RunningJournal {
    const { backend, codec, logger } = this;
    const lost = (jobs: readonly Leased[]): void => this.lose(jobs);
    return new RunningJournal(leases, (value) => codec.encode(value), lost, {
      backend,
      logger,
      clock: steadyClock,
    });
  }

  private lose(jobs: readonly Leased[], cause?: Error): void {
    for (const job of jobs) {
      const lost = new ReservationLostError(job.id, cause && { cause });
      this.leased.get(job)?.end(cause instanceof JobCancelledError ? cause : lost);
    }
  }

  /** Closes leases that are not needed any more, the longest unused first. */
  private tidy(): void {
    if (this.closed) return;
    const unused = [...this.lots].filter(
      ([, { opened, callers }]) => opened && callers === 0 && !opened.holds,
    );
    const overdue = performance.now() - this.keptFor * 1000;
    for (const [position, [key, { opened, usedAt }]] of unused.entries()) {
      if (usedAt > overdue && position >= unused.length - MOST_UNUSED) continue;
      this.lots.delete(key);
      // It holds nothing that would have to go back.
      opened?.close().catch(() => undefined);
    }
    if (this.lots.size > 0) this.tidyLater();
  }

  private tidyLater(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.tidy();
    }, this.keptFor * 1000).unref();
  }

  private async decoded(holding: HeldJob): Promise<unknown> {
    try {
      return decodedPayload(holding.reserved, this.codec);
    } catch (error) {
      await holding.settle({ outcome: 'bury', reason: reasonOf(error) });
      throw error;
    }
  }
}

class HeldJob implements Reservation {
  private readonly controller = new AbortController();

  constructor(
    readonly reserved: Leased,
    private readonly leases: SharedLeases,
  ) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  async touch(): Promise<void> {
    if (!(await this.leases.touch(this.reserved))) this.lost();
  }

  async settle(outcome: Outcome): Promise<void> {
    if (!(await this.leases.settle({ job: this.reserved, ...outcome }))) this.lost();
  }

  progress(value: unknown): void {
    this.leases.journal.progress(this.reserved, value);
  }

  log(line: string): void {
    this.leases.journal.log(this.reserved, line);
  }

  /** It is no longer ours. */
  end(error: Error): void {
    this.controller.abort(error);
  }

  private lost(): never {
    this.end(new ReservationLostError(this.reserved.id));
    throw this.signal.reason;
  }
}
