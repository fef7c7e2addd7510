import type { Seconds } from '../../../core/contract/job-data';
import type { Waiters } from './waiters';

/** Soon after activity, then ever more rarely. */
const SHORTEST: Seconds = 0.005;
const LONGEST: Seconds = 1;
const GROWTH = 1.5;
/** Asking may take long while the server keeps much that was deleted: it stays a fifth of the time, down to the longest pause. */
const WORTH = 4;

/** Asks for jobs that other processes added, at a growing interval, for as long as a worker waits for some. */
export class Poller {
  private interval = SHORTEST;
  private timer: NodeJS.Timeout | undefined;
  /** When the timer fires, in milliseconds of `performance.now()`. */
  private nextPoll = Infinity;
  private asking: Promise<void> | undefined;
  /** How long the last look took. */
  private took: Seconds = 0;

  constructor(
    /** Resolves with those of the pipelines that have ready jobs. */
    private readonly ask: (pipelines: readonly string[]) => Promise<readonly string[]>,
    private readonly waiters: Waiters,
    /** False while word of jobs arrives by itself. */
    private readonly needed: () => boolean,
  ) {}

  /** Somebody begins to wait. */
  start(): void {
    if (this.asking || !this.needed()) return;
    // Not all processes ask at the same time.
    const pace = this.interval * (0.75 + Math.random() / 2);
    this.schedule(Math.max(pace, Math.min(LONGEST, this.took * WORTH)));
  }

  /** Something happened in the queue: more may come soon. */
  hurry(): void {
    this.interval = SHORTEST;
  }

  /** Somebody else has just asked for all who wait. */
  skip(): void {
    if (this.timer === undefined) return;
    this.stop();
    this.slowDown();
    this.start();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.nextPoll = Infinity;
  }

  /** Resolves when no question is under way. */
  async idle(): Promise<void> {
    await this.asking;
  }

  private schedule(within: Seconds): void {
    const at = performance.now() + within * 1000;
    if (at >= this.nextPoll) return;
    clearTimeout(this.timer);
    this.nextPoll = at;
    this.timer = setTimeout(() => this.poll(), Math.ceil(within * 1000));
  }

  private slowDown(): void {
    this.interval = Math.min(LONGEST, this.interval * GROWTH);
  }

  private poll(): void {
    this.stop();
    const { waiting } = this.waiters;
    if (waiting.length === 0) return;
    this.slowDown();
    this.asking = this.askFor(waiting).finally(() => {
      this.asking = undefined;
      if (this.waiters.any) this.start();
    });
  }

  private async askFor(pipelines: readonly string[]): Promise<void> {
    const began = performance.now();
    try {
      const ready = await this.ask(pipelines);
      // Where one job came, the next one may come soon: without this the interval would only ever grow.
      if (ready.length > 0) this.hurry();
      for (const pipeline of ready) this.waiters.wake(pipeline);
      this.took = (performance.now() - began) / 1000;
    } catch (error) {
      this.waiters.fail(error, began);
    }
  }
}
