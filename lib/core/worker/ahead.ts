import type { Leased } from '../contract/job-data';

/** How much work, in milliseconds of the handlers' own time, is taken ahead of free slots. */
const WORK_AHEAD_MS = 100;
/** A handler that takes longer than this on average has no use for it: the round trip is small beside it. */
const SLOW_HANDLER_MS = 50;
const MOST_AHEAD = 1000;
/** The weight of the newest measurement in the average. */
const NEWEST = 0.2;

export interface JobAhead {
  readonly job: Leased;
  /** Half its ttr has passed by then, in milliseconds of `performance.now()`: time to renew, and too late to begin. */
  readonly renewAt: number;
}

/**
 * Jobs that are reserved before a slot is free for them, so that quick handlers do not wait for a round trip
 * each. How many follows the handlers' measured time; none until it is known, at most twice as many after each
 * exchange, and none again as soon as nothing moves for as long as the work ahead should have taken: then they
 * are given back, because another process may be idle.
 */
export class Ahead {
  private jobs: JobAhead[] = [];
  private limit = 0;
  /** The average time of a handler, in milliseconds. */
  private average = 0;
  private movedAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly concurrency: number,
    private readonly prefetch: boolean,
    /** Makes the jobs ready again at no attempt; without it nothing is taken ahead. */
    private readonly giveBack: ((jobs: Leased[]) => void) | undefined,
  ) {}

  get size(): number {
    return this.jobs.length;
  }

  /** Whether jobs that were not started can be given back. */
  get returns(): boolean {
    return this.giveBack !== undefined;
  }

  /** How many jobs may be held beside the running ones. */
  get capacity(): number {
    return this.limit;
  }

  add(jobs: readonly Leased[]): void {
    this.movedAt = performance.now();
    for (const job of jobs) this.jobs.push({ job, renewAt: this.movedAt + job.ttr * 500 });
  }

  next(): JobAhead | undefined {
    const next = this.jobs[0];
    if (!next) return undefined;
    this.movedAt = performance.now();
    // A handler has blocked the event loop, so that nobody could give the jobs back in time.
    if (next.renewAt < this.movedAt) this.clear();
    return this.jobs.shift();
  }

  /** To be called when all free slots are taken. */
  watch(): void {
    if (this.jobs.length > 0) this.timer ??= setTimeout(() => this.look(), WORK_AHEAD_MS);
  }

  /** A handler has ended after that many milliseconds. */
  ended(duration: number): void {
    this.average += (duration - this.average) * NEWEST;
  }

  /** An exchange was answered: the next one may take more, or has to take less. */
  adjust(): void {
    if (!this.prefetch || !this.giveBack || this.average > SLOW_HANDLER_MS) this.limit = 0;
    else {
      const wanted = Math.floor((this.concurrency * WORK_AHEAD_MS) / Math.max(this.average, 0.001));
      this.limit = Math.min(wanted, MOST_AHEAD, Math.max(this.concurrency, this.limit * 2));
    }
  }

  /** Gives back all that was not started, where that is possible. */
  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.limit = 0;
    if (this.jobs.length === 0 || !this.giveBack) return;
    const jobs = this.jobs.map(({ job }) => job);
    this.jobs = [];
    this.giveBack(jobs);
  }

  /** Their leases have ended. */
  lose(jobs: readonly Leased[]): void {
    if (this.jobs.length > 0) this.jobs = this.jobs.filter(({ job }) => !jobs.includes(job));
  }

  private look(): void {
    this.timer = undefined;
    if (performance.now() - this.movedAt < WORK_AHEAD_MS) this.watch();
    else {
      this.average = SLOW_HANDLER_MS * 2;
      this.clear();
    }
  }
}
