import type { Leased, Seconds } from '../contract/job-data';
import type { Leases, Settlement } from '../contract/leases';
import type { RunningJournal } from '../worker/run/running-journal';

interface Caller {
  /** In milliseconds of `performance.now()`. */
  readonly until: number;
  readonly resolve: (job: Leased | undefined) => void;
  readonly reject: (error: unknown) => void;
}

interface Settler {
  readonly settlement: Settlement;
  readonly resolve: (kept: boolean) => void;
  readonly reject: (error: unknown) => void;
}

const never = new AbortController().signal;

/*
 * The same leases for any number of callers at once, although they allow only one exchange that waits and one that
 * settles.
 *
 * Callers who want a job stand in a line. First comes a look for all of them that nothing interrupts; who has
 * no time left gets `undefined`, the others wait together until the first of them runs out of time. A newcomer
 * interrupts only the waiting (an interrupted exchange loses no job), so that a look is never starved. Callers
 * who settle share the next exchange while one is under way.
 */
export class SharedLeases {
  private readonly line: Caller[] = [];
  private serving = false;
  private newcomers = false;
  private waiting: AbortController | undefined;

  private readonly settlers: Settler[] = [];
  private settling = false;
  /** What is held, and until when at the latest, in milliseconds of `performance.now()`. */
  private readonly held = new Map<Leased, number>();
  private closed = false;

  constructor(
    private readonly leases: Leases,
    readonly journal: RunningJournal,
  ) {}

  /** Whether there are jobs that are not settled, and whose time may not be over. */
  get holds(): boolean {
    const now = performance.now();
    for (const [job, until] of this.held) if (until < now) this.held.delete(job);
    return this.held.size > 0;
  }

  /** Returns `undefined` when there was no job in that time, or when these leases are closed meanwhile. */
  reserve(wait: Seconds): Promise<Leased | undefined> {
    return new Promise((resolve, reject) => {
      this.line.push({ until: performance.now() + wait * 1000, resolve, reject });
      this.newcomers = true;
      this.waiting?.abort();
      if (!this.serving) void this.serve();
    });
  }

  /** Returns false when the job was no longer ours and nothing was changed. */
  settle(settlement: Settlement): Promise<boolean> {
    if (this.closed) return Promise.resolve(false);
    return new Promise((resolve, reject) => {
      this.settlers.push({ settlement, resolve, reject });
      if (!this.settling) void this.settleAll();
    });
  }

  /** Returns false when the job was no longer ours. */
  async touch(job: Leased): Promise<boolean> {
    if (this.closed) return false;
    const kept = (await this.leases.renew([job])).length === 0;
    if (kept && this.held.has(job)) this.hold(job);
    return kept;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.waiting?.abort();
    this.journal.close();
    await this.leases.close();
  }

  private hold(job: Leased): void {
    this.held.set(job, performance.now() + job.ttr * 1000);
  }

  private async serve(): Promise<void> {
    this.serving = true;
    while (this.line.length > 0) {
      this.newcomers = false;
      await this.serveOnce(0, never);
      if (this.newcomers || this.line.length === 0) continue;
      this.waiting = new AbortController();
      await this.serveOnce(this.shortestWait(), this.waiting.signal);
      this.waiting = undefined;
    }
    this.serving = false;
  }

  private async serveOnce(wait: Seconds, signal: AbortSignal): Promise<void> {
    const asking = this.line.splice(0);
    try {
      const jobs = await this.leases.reserve(asking.length, wait, signal);
      for (const job of jobs) {
        this.hold(job);
        asking.shift()?.resolve(job);
      }
    } catch (error) {
      for (const caller of asking.splice(0)) caller.reject(error);
    }
    const now = performance.now();
    const patient = asking.filter(({ until }) => until > now && !this.closed);
    for (const caller of asking) if (!patient.includes(caller)) caller.resolve(undefined);
    this.line.unshift(...patient);
  }

  private shortestWait(): Seconds {
    const until = Math.min(...this.line.map((caller) => caller.until));
    return Math.max(0, until - performance.now()) / 1000;
  }

  private async settleAll(): Promise<void> {
    this.settling = true;
    while (this.settlers.length > 0) {
      const batch = this.settlers.splice(0);
      const ends = batch.map(({ settlement }) => settlement);
      const jobs = ends.map(({ job }) => job);
      try {
        if (this.journal.used) await this.journal.finish(jobs);
        const { lost } = await this.leases.settle(ends, 0);
        this.journal.forget(jobs);
        for (const { settlement, resolve } of batch) {
          this.held.delete(settlement.job);
          resolve(!lost.includes(settlement.job));
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.settling = false;
  }
}
