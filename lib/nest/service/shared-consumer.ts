import type { Leased, Seconds } from '../../core/contract/job-data';
import type { Leases, Settlement } from '../../core/contract/leases';

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
 * One consumer for any number of callers at once, although it allows only one exchange that waits and one that
 * settles.
 *
 * Callers who want a job stand in a line. First comes a look for all of them that nothing interrupts; who has
 * no time left gets `undefined`, the others wait together until the first of them runs out of time. A newcomer
 * interrupts only the waiting (an interrupted exchange loses no job), so that a look is never starved. Callers
 * who settle share the next exchange while one is under way.
 */
export class SharedConsumer {
  private readonly line: Caller[] = [];
  private serving = false;
  private newcomers = false;
  private waiting: AbortController | undefined;

  private readonly settlers: Settler[] = [];
  private settling = false;
  private closed = false;

  constructor(private readonly consumer: Leases) {}

  /** Returns `undefined` when there was no job in that time, or when the consumer is closed meanwhile. */
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
    return new Promise((resolve, reject) => {
      this.settlers.push({ settlement, resolve, reject });
      if (!this.settling) void this.settleAll();
    });
  }

  /** Returns false when the job was no longer ours. */
  async touch(job: Leased): Promise<boolean> {
    return (await this.consumer.renew([job])).length === 0;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.waiting?.abort();
    await this.consumer.close();
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
      const jobs = await this.consumer.reserve(asking.length, wait, signal);
      for (const job of jobs) asking.shift()?.resolve(job);
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
      try {
        const { lost } = await this.consumer.settle(ends, 0);
        for (const { settlement, resolve } of batch) resolve(!lost.includes(settlement.job));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.settling = false;
  }
}
