import { WorkerStoppedError } from '../contract/errors';
import { feature } from '../contract/features';
import type { Leased, Seconds } from '../contract/job-data';
import type { LostListener } from '../contract/leases';
import { closeInTime } from '../time/close-in-time';
import { Loop } from './loop';
import { outsideOfRequests } from './run/job-context';
import { TransactionRunner } from './run/transaction-runner';
import type { WorkerOptions, WorkerSurroundings } from './worker-options';

/** How long handlers may take to react to the abort of their signal before their jobs are given back. */
const ABORT_GRACE: Seconds = 1;

/** The worker of one pipeline, from its start to its end. What it does in between is its loop's. */
export class Worker {
  private loop: Loop | undefined;

  constructor(
    private readonly options: WorkerOptions,
    private readonly context: WorkerSurroundings,
  ) {}

  /** The most handlers that it runs at once. */
  get concurrency(): number {
    return this.options.concurrency;
  }

  /** Handlers that run now. */
  get running(): number {
    return this.loop?.running.size ?? 0;
  }

  get pipeline(): string {
    return this.options.pipeline;
  }

  /** Whether it holds jobs that have not ended, or whose end is not settled. */
  get busy(): boolean {
    return this.loop?.busy ?? false;
  }

  async start(): Promise<void> {
    const loop = await this.openLoop();
    this.loop = loop;
    outsideOfRequests(() => loop.start());
  }

  /** Takes no more jobs and gives back those that were not started; running handlers go on. */
  stopReserving(): void {
    this.loop?.stopReserving();
  }

  /**
   * Lets running handlers end for at most that long, then aborts their signals and gives their jobs back without
   * counting an attempt. Returns the jobs that were given back.
   */
  async drain(within: Seconds): Promise<Leased[]> {
    const { loop } = this;
    if (!loop) return [];
    loop.stopReserving();
    await loop.idleWithin(within);
    loop.giveUp(new WorkerStoppedError());
    await loop.idleWithin(ABORT_GRACE);
    const givenBack = loop.end();
    try {
      await closeInTime(loop.leases, this.context.backend.name, `the worker of ${this.pipeline}`);
    } finally {
      loop.closed();
      // The leases are closed: what has ended and is not settled by now stays so.
      this.context.reporter.gaveUp(loop.completions.untold(), 'the backend has not answered in time');
    }
    return givenBack;
  }

  private async openLoop(): Promise<Loop> {
    const { backend, health, reporter } = this.context;
    const pipelines = [this.pipeline];
    const onLost: LostListener = (jobs, cause) => this.loop?.loseAll(jobs, cause);
    if (!this.options.transaction) {
      const plain = await backend.lease(pipelines, onLost);
      return new Loop(plain, this.options, this.context);
    }
    const leases = await feature(backend, 'handlerTransactions').lease(pipelines, onLost);
    const loop: Loop = new Loop(leases, this.options, this.context);
    loop.transactions = new TransactionRunner(leases, loop, health, reporter);
    return loop;
  }
}
