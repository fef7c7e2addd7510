import { setImmediate as macrotask, setTimeout as sleep } from 'node:timers/promises';
import { BoardPolls } from './board-polls';
import { now } from './clock';
import type { AddOptions, Contender, Working } from './contender';
import { HandledJobs } from './handled-jobs';
import { payload, payloads } from './payloads';
import { TimerWatch } from './timer-watch';

export interface Amount {
  readonly jobs: number;
  /** No more than that long, in seconds. */
  readonly within: number;
}

export interface Progress {
  readonly jobs: number;
  readonly seconds: number;
}

export interface WorkRequest {
  readonly pipelines: readonly string[];
  readonly concurrency: number;
  /** Handlers throw. */
  readonly failing?: boolean;
  /** What handlers return is kept. */
  readonly keep?: boolean;
  /** Every run is traced, by the API alone. */
  readonly telemetry?: boolean;
  /** Watch how late timers are, which takes a few percent of a core itself; default true. */
  readonly watchTimers?: boolean;
}

export interface Account {
  /** When each job was handled, in milliseconds of the machine's clock. */
  readonly moments: number[];
  /** From the call that added the job to its handler, in milliseconds. */
  readonly delays: number[];
  /** Of a 10 ms timer, in milliseconds. */
  readonly lateness: number[];
}

export interface Usage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** What a measured process can be asked to do with its contender. Times are taken in here, beside the work. */
export class Agent {
  private handled = new HandledJobs();
  private timers = new TimerWatch();
  private boardPolls: BoardPolls | undefined;
  private working: Working | undefined;
  /** Of steadily added jobs, by their numbers. */
  private readonly storedAt: number[] = [];

  constructor(private readonly contender: Contender) {}

  /** One after the other, each awaited. */
  addOneByOne(pipeline: string, amount: Amount, options?: AddOptions): Promise<Progress> {
    return progressOf(amount, async (number) => {
      await this.contender.add(pipeline, payload(number), options);
      return 1;
    });
  }

  /** So many calls at the same time, and the next ones when all of them have resolved. */
  addTogether(pipeline: string, atOnce: number, amount: Amount, options?: AddOptions): Promise<Progress> {
    return progressOf(amount, async (number) => {
      const batch = payloads(atOnce, number);
      if (this.contender.addTogether) await this.contender.addTogether(pipeline, batch);
      else await Promise.all(batch.map((one) => this.contender.add(pipeline, one, options)));
      return atOnce;
    });
  }

  addBulk(pipeline: string, size: number, amount: Amount, options?: AddOptions): Promise<Progress> {
    return progressOf(amount, async (number) => {
      const batch = payloads(Math.min(size, amount.jobs - number), number);
      await this.contender.addBulk(pipeline, batch, options);
      return batch.length;
    });
  }

  /** One job each, so many a second, whatever the calls take. */
  async addSteadily(pipeline: string, perSecond: number, seconds: number): Promise<number> {
    const first = this.storedAt.length;
    const calls: Promise<void>[] = [];
    const start = now();
    for (let count = 0; count < perSecond * seconds; count++) {
      await sleep(Math.max(0, start + (count * 1000) / perSecond - now()));
      const number = first + count;
      calls.push(
        this.contender.add(pipeline, payload(number)).then(() => void (this.storedAt[number] = now())),
      );
    }
    await Promise.all(calls);
    return calls.length;
  }

  /** From the answer to the call that added the job to its handler, in milliseconds, where both were here. */
  delaysFromStored(): number[] {
    return this.storedAt.flatMap((stored, number) => {
      const started = this.handled.momentOf(number);
      return started === undefined ? [] : [Math.max(0, started - stored)];
    });
  }

  async work({
    pipelines,
    concurrency,
    failing = false,
    keep = false,
    telemetry = false,
    watchTimers = true,
  }: WorkRequest): Promise<void> {
    const handled = (this.handled = new HandledJobs());
    this.timers = new TimerWatch();
    if (watchTimers) this.timers.start();
    this.working = await this.contender.work({
      pipelines,
      concurrency,
      keep,
      telemetry,
      handler: (job) => {
        handled.add(job);
        if (failing) throw new Error('This job is meant to fail');
      },
    });
  }

  handledJobs(): number {
    return this.handled.count;
  }

  async stopWorking(): Promise<Account> {
    await this.working?.stop();
    this.timers.stop();
    const { moments, delays } = this.handled;
    return { moments, delays, lateness: this.timers.lateness };
  }

  /**
   * Adds so many jobs, waits until they were handled, and again, on a queue that is almost empty all the time.
   * Answers how many were handled in each of the windows.
   */
  async churn(pipeline: string, batch: number, windows: number, windowSeconds: number): Promise<number[]> {
    const counts = Array.from({ length: windows }, () => 0);
    const start = now();
    for (;;) {
      const window = Math.floor((now() - start) / (windowSeconds * 1000));
      if (window >= windows) return counts;
      const expected = this.handled.count + batch;
      await this.contender.addBulk(pipeline, payloads(batch, this.handled.count));
      await this.handled.reach(expected);
      counts[window] = (counts[window] ?? 0) + batch;
      await macrotask();
    }
  }

  /** So many looks at a page of kept jobs, one after the other: how long each took, in milliseconds. */
  async polls(pipeline: string, count: number): Promise<number[]> {
    const times: number[] = [];
    for (let poll = 0; poll < count; poll++) {
      const start = now();
      if (!(await this.contender.history?.(pipeline))) throw new Error('Nothing is kept');
      times.push(now() - start);
    }
    return times;
  }

  async openBoard(): Promise<string> {
    if (!this.contender.openBoard) throw new Error('It has no board');
    return this.contender.openBoard();
  }

  /** Until `stopPolling`, beside whatever else is asked. */
  async pollBoard(url: string, everyMs: number): Promise<void> {
    this.boardPolls = new BoardPolls(url, everyMs);
    this.boardPolls.start();
  }

  /** How long each poll took, in milliseconds. */
  async stopPolling(): Promise<number[]> {
    return (await this.boardPolls?.stop()) ?? [];
  }

  left(pipeline: string): Promise<number> {
    return this.contender.left(pipeline);
  }

  usage(): Usage {
    const { user, system } = process.cpuUsage();
    return { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() };
  }

  close(): Promise<void> {
    return this.contender.close();
  }
}

/** Calls `step` with the number of jobs so far, until all were added or the time is over. */
async function progressOf(
  { jobs, within }: Amount,
  step: (number: number) => Promise<number>,
): Promise<Progress> {
  const start = now();
  const end = start + within * 1000;
  let done = 0;
  while (done < jobs && now() < end) done += await step(done);
  return { jobs: done, seconds: (now() - start) / 1000 };
}
