import type { Seconds } from '../../../core/contract/job-data';
import type { Waiters } from './waiters';

const SHORTEST: Seconds = 0.003;
const LONGEST: Seconds = 1;
/** A job is found late by at most this part of the time in which nothing has happened. */
const LATENESS = 0.25;
/** Asking may take long while the server keeps much that was deleted: it stays a fifth of the time, down to the longest pause. */
const WORTH = 4;

/** The pause before the next look, when nothing has happened for that long: soon after activity, then ever more rarely. */
export function pauseAfter(quiet: Seconds): Seconds {
  return Math.min(LONGEST, Math.max(SHORTEST, quiet * LATENESS));
}

/** Asks for jobs that other processes added, ever more rarely while there are none, for as long as a worker waits. */
export class Poller {
  /** When something has happened in the queue, in milliseconds of `performance.now()`. */
  private lastSign = performance.now();
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
    const quiet = (performance.now() - this.lastSign) / 1000;
    // Not all processes ask at the same time.
    const pace = pauseAfter(quiet) * (0.75 + Math.random() / 2);
    this.schedule(Math.max(pace, Math.min(LONGEST, this.took * WORTH)));
  }

  /** Something happened in the queue: more may come soon. */
  hurry(): void {
    this.lastSign = performance.now();
  }

  /** Somebody else has just asked for all who wait. */
  skip(): void {
    if (this.timer === undefined) return;
    this.stop();
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

  private poll(): void {
    this.stop();
    const { waiting } = this.waiters;
    if (waiting.length === 0) return;
    this.asking = this.askFor(waiting).finally(() => {
      this.asking = undefined;
      if (this.waiters.any) this.start();
    });
  }

  private async askFor(pipelines: readonly string[]): Promise<void> {
    const began = performance.now();
    try {
      const ready = await this.ask(pipelines);
      // Where one job came, the next one may come soon: without this the pauses would only ever grow.
      if (ready.length > 0) this.hurry();
      for (const pipeline of ready) this.waiters.wake(pipeline);
      this.took = (performance.now() - began) / 1000;
    } catch (error) {
      this.waiters.fail(error, began);
    }
  }
}
