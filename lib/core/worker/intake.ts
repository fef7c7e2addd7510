import type { Leased } from '../contract/job-data';
import { type Clock, steadyClock } from '../time/clock';

/** How much work, in milliseconds of the handlers' own time, is prefetched. */
const WORK_AHEAD_MS = 100;
/** A handler that takes longer than so many round trips has no use for prefetched jobs. */
const ROUND_TRIPS = 5;
/**
 * A process that is killed leaves no more jobs behind that wait for the end of their leases, running ones and others,
 * where nobody can prove within seconds that it is gone.
 */
const MOST_HELD = 100;
/** Where they can. Ended jobs that are not settled count, too: less makes exchanges so small that MariaDB is slower. */
const MOST_PROVABLE = 2000;
/** From more slots on, speed counts more there: each may have ten jobs waiting for it. */
const MANY_SLOTS = 50;
/** All together, where the option says how many. */
export const MOST_PREFETCHED = 1000;
/** In UTF-16 units of the payloads of prefetched jobs. */
const MOST_SIZE = 8_000_000;
/** The weight of the newest measurement in an average. */
const NEWEST = 0.2;
/** For how long handlers may start in one macrotask, in milliseconds. */
const START_BUDGET_MS = 1;

const NOTHING: Leased[] = [];

export interface IntakeOptions {
  /** How many handlers run at once. */
  readonly concurrency: number;
  /** Take more jobs than there are free slots, where that helps; a number is the most. */
  readonly prefetch: boolean | number;
  /** Whether single jobs can be given back; without it nothing is prefetched. */
  readonly returns: boolean;
  /** From so many ended jobs on, two settlements at once are done sooner than one of both. Default: never. */
  readonly abreastFrom?: number | undefined;
  /** How many jobs may still start, of all workers of the process. */
  readonly budget: { readonly left: number };
  /** Whether whoever could take the jobs would soon know that this process has died. */
  readonly presence: { readonly provable: boolean };
  readonly clock?: Clock;
}

/** A lease that may start, and when to renew it: half its ttr after the claim was sent. */
export interface Startable {
  readonly job: Leased;
  /** In milliseconds of the clock. Until then the lease certainly holds. */
  readonly renewAt: number;
}

/**
 * How many jobs a worker may take, which of them may start, and which have to go back. Every rule of capacity stands
 * here: slots, prefetch, size, job budget, start budget. It starts nothing and asks nothing.
 *
 * Prefetch follows what was measured: nothing before a handler has ended and a round trip was timed, then 100 ms of
 * work, at most twice as much after each round trip, and nothing while handlers take longer than five round trips.
 */
export class Intake {
  private held: Startable[] = [];
  private heldSize = 0;
  /** No held lease is to be renewed before. */
  private earliest = Infinity;
  private running = 0;
  private promised = 0;
  private limit = 0;
  private handlerTime: number | undefined;
  private roundTrip: number | undefined;
  private payloadSize: number | undefined;
  /** When a job was last accepted or started. */
  private movedAt = 0;
  private startsSince: number | undefined;
  private readonly clock: Clock;

  constructor(private readonly options: IntakeOptions) {
    this.clock = options.clock ?? steadyClock;
  }

  /** Jobs that are leased and not started. */
  get waiting(): number {
    return this.held.length;
  }

  /** Free slots for which nothing is held. */
  get emptySlots(): number {
    return Math.max(0, this.options.concurrency - this.running - this.held.length);
  }

  /** How many more jobs there is room for. */
  get wanted(): number {
    const { concurrency, budget } = this.options;
    const most = Math.min(concurrency - this.running + this.limit, budget.left);
    return Math.max(0, most - this.held.length - this.promised);
  }

  /** The same beside so many ended jobs that are in no settlement yet: a kill would leave them behind, too. */
  wantedBeside(ended: number): number {
    return Math.max(0, this.wanted - ended);
  }

  /** How many jobs may be held beside the running ones. */
  get prefetch(): number {
    return this.limit;
  }

  /** How many ended jobs are worth a settlement of their own beside one that is under way: with fewer, both are small. */
  get worthOneMore(): number {
    const { concurrency, abreastFrom = Infinity } = this.options;
    // The later of two claims may be answered first, and one slot keeps the order; slow handlers gain nothing by two.
    if (concurrency === 1 || this.limit === 0) return Infinity;
    return Math.max(abreastFrom, Math.ceil((concurrency + this.limit) / 4));
  }

  /** So many jobs are being asked for. */
  promise(jobs: number): void {
    this.promised += jobs;
  }

  /** That question was answered, or has failed. */
  resolvePromise(jobs: number): void {
    this.promised -= jobs;
  }

  /** Jobs have come, of a claim that was sent then. */
  accept(jobs: readonly Leased[], sentAt: number): void {
    if (jobs.length === 0) return;
    this.movedAt = this.clock.now();
    for (const job of jobs) {
      const renewAt = sentAt + job.ttr * 500;
      this.held.push({ job, renewAt });
      if (renewAt < this.earliest) this.earliest = renewAt;
      this.heldSize += job.payload.length;
      this.payloadSize = average(this.payloadSize, job.payload.length);
    }
  }

  /** Their leases have ended. */
  lose(jobs: readonly Leased[]): void {
    this.held = this.held.filter(({ job }) => !jobs.includes(job));
    this.heldSize = this.held.reduce((size, { job }) => size + job.payload.length, 0);
  }

  /** The next job, if it may start now. To be started when it is returned. */
  next(): Startable | undefined {
    const { concurrency, budget } = this.options;
    if (this.running >= concurrency || budget.left <= 0 || this.startsUsedUp) return undefined;
    const next = this.held[0];
    const now = this.clock.now();
    // A handler that blocks the process, or a process that was stopped, could not renew it in time.
    if (!next || next.renewAt < now) return undefined;
    this.held.shift();
    this.heldSize -= next.job.payload.length;
    this.movedAt = now;
    this.startsSince ??= now;
    return next;
  }

  /** Whether no more handlers may start in this macrotask. */
  get startsUsedUp(): boolean {
    return this.startsSince !== undefined && this.clock.now() - this.startsSince >= START_BUDGET_MS;
  }

  /** A macrotask has passed. Returns whether handlers started in it. */
  renewStarts(): boolean {
    const used = this.startsSince !== undefined;
    this.startsSince = undefined;
    return used;
  }

  started(): void {
    this.running += 1;
  }

  ended(duration?: number): void {
    this.running -= 1;
    if (duration !== undefined) this.handlerTime = average(this.handlerTime, duration);
  }

  /** A settlement was answered after that many milliseconds: the next one may bring more, or has to bring less. */
  measured(roundTrip: number): void {
    this.roundTrip = average(this.roundTrip, roundTrip);
    const { concurrency, returns } = this.options;
    if (this.most === 0 || !returns || this.isSlow) {
      this.limit = 0;
      return;
    }
    const work = Math.floor((concurrency * WORK_AHEAD_MS) / Math.max(this.handlerTime ?? 0, 0.001));
    const size = Math.floor(MOST_SIZE / Math.max(this.payloadSize ?? 0, 1));
    this.limit = Math.min(work, this.most, size, Math.max(concurrency, this.limit * 2));
  }

  /**
   * Jobs to give back: those whose lease may not hold much longer, what is too large to hold, and everything that is
   * not about to start when nothing has moved for as long as the work ahead should have taken.
   */
  surplus(): Leased[] {
    if (this.held.length === 0) return NOTHING;
    const now = this.clock.now();
    const stuck = now - this.movedAt >= WORK_AHEAD_MS && this.running >= this.options.concurrency;
    if (stuck) {
      this.handlerTime = Math.max(this.handlerTime ?? 0, now - this.movedAt);
      return this.clear();
    }
    // Looked at one by one only when it may be so: this runs for every job.
    if (this.earliest < now && this.held.some(({ renewAt }) => renewAt < now)) return this.clear();
    if (this.heldSize <= MOST_SIZE) return NOTHING;
    const back: Leased[] = [];
    while (
      this.heldSize > MOST_SIZE &&
      this.held.length > Math.max(0, this.options.concurrency - this.running)
    ) {
      const last = this.held.pop();
      if (!last) break;
      this.heldSize -= last.job.payload.length;
      back.push(last.job);
    }
    return back;
  }

  /** Everything that is not started, to be given back. */
  clear(): Leased[] {
    const jobs = this.held.map(({ job }) => job);
    this.held = [];
    this.heldSize = 0;
    this.earliest = Infinity;
    this.limit = 0;
    return jobs;
  }

  /** How many jobs may be prefetched at all. */
  private get most(): number {
    const { concurrency, prefetch, presence, abreastFrom = Infinity } = this.options;
    if (typeof prefetch === 'number') return prefetch;
    if (!prefetch) return 0;
    // A backend without a server holds up the process for as long as an exchange takes.
    if (presence.provable && abreastFrom < Infinity) return MOST_PROVABLE;
    return concurrency > MANY_SLOTS ? Math.min(concurrency * 10, MOST_PREFETCHED) : MOST_HELD - concurrency;
  }

  private get isSlow(): boolean {
    if (this.handlerTime === undefined || this.roundTrip === undefined) return true;
    return this.handlerTime > this.roundTrip * ROUND_TRIPS;
  }
}

/** Begins with the first measurement. */
function average(known: number | undefined, newest: number): number {
  return known === undefined ? newest : known + (newest - known) * NEWEST;
}
