import type { Seconds } from '../../../core/contract/job-data';
import type { ClaimOrder } from './claim-order';
import type { SqlDialect } from './dialect';
import type { News, PipelineNews } from './news';
import type { Signals } from './signals';

/** How often to look while a worker waits and news does not arrive by itself: soon after activity, then ever more rarely. */
const SHORTEST_LOOK: Seconds = 0.005;
const LONGEST_LOOK: Seconds = 1;
/** The net beneath signals, and the pace while nobody waits: then only time makes jobs ready. */
const CALM_LOOK: Seconds = 1;
/** A look may take long while the server keeps much that was deleted: looks stay a twentieth of the time, down to this pace. */
const WORTH = 20;
const RAREST_LOOK: Seconds = 10;
/** Those that have to find new jobs stay a fifth of the time, down to the longest look. */
const WORTH_TO_WAITERS = 4;

/** Someone who waits for ready jobs. */
export interface Waiter {
  readonly pipelines: readonly string[];
  /** Nothing was ready at its last look. */
  readonly waiting: boolean;
  /** Jobs may be ready, from this place in the order of claims on or from anywhere: look. */
  hint(first?: ClaimOrder): void;
}

/**
 * Watches the clock and the table for all consumers of a process: one statement now and then moves due and
 * timed-out jobs to ready and looks into the pipelines whose consumers wait. What this process knows itself
 * (a put, a kick, a delay that it set) never waits for a look.
 */
export class Lookout {
  private readonly waiters = new Set<Waiter>();
  private interval = SHORTEST_LOOK;
  private timer: NodeJS.Timeout | undefined;
  /** When the timer fires, in milliseconds of `performance.now()`. */
  private nextLook = Infinity;
  private looking = false;
  /** How long the last look took. */
  private took: Seconds = 0;
  /** The time for a look came while one was under way, which may have been too early for it. */
  private lookAgain = false;

  constructor(
    private readonly dialect: SqlDialect,
    private readonly signals: Signals,
  ) {}

  add(waiter: Waiter): void {
    this.waiters.add(waiter);
    this.lookIn(0);
  }

  remove(waiter: Waiter): void {
    this.waiters.delete(waiter);
    if (this.waiters.size > 0) return;
    clearTimeout(this.timer);
    this.nextLook = Infinity;
  }

  /** Jobs of that pipeline, or of any, may be ready. */
  hint({ pipeline, first }: News = {}): void {
    this.interval = SHORTEST_LOOK;
    for (const waiter of this.waiters) {
      if (pipeline === undefined || waiter.pipelines.includes(pipeline)) waiter.hint(first);
    }
  }

  /** A waiter begins to wait: where news does not arrive by itself, somebody has to look for it. */
  awaited(): void {
    if (!this.signals.arriving) this.lookIn(this.pace());
  }

  /** This process made jobs ready: tells its own consumers and other processes. */
  announce(news: Iterable<PipelineNews>): void {
    for (const item of news) {
      this.hint(item);
      this.signals.announce(item);
    }
  }

  /** A delay, reservation or pause ends after that time. */
  expect(within: Seconds): void {
    // Not longer: a timer of more than 24.8 days fires at once.
    if (this.waiters.size > 0) this.lookIn(Math.min(within, RAREST_LOOK));
  }

  private lookIn(within: Seconds): void {
    const at = performance.now() + within * 1000;
    if (at >= this.nextLook) return;
    clearTimeout(this.timer);
    this.nextLook = at;
    // A whole millisecond more: timers fire up to one early, and a look before the time finds nothing.
    this.timer = setTimeout(() => void this.look(), Math.ceil(within * 1000) + 1);
  }

  private async look(): Promise<void> {
    this.nextLook = Infinity;
    if (this.looking) {
      this.lookAgain = true;
      return;
    }
    this.looking = true;
    this.lookAgain = false;
    const waiting = [...this.waiters].filter((waiter) => waiter.waiting);
    let next: Seconds | undefined;
    const began = performance.now();
    try {
      const promotion = await this.dialect.promote([
        ...new Set(waiting.flatMap((waiter) => waiter.pipelines)),
      ]);
      for (const pipeline of new Set(promotion.pipelines)) this.hint({ pipeline });
      next = promotion.next;
      this.took = (performance.now() - began) / 1000;
    } catch {
      // Whoever waits finds out by itself that the database does not answer, and tells. Some may be ready all the same.
      for (const waiter of this.waiters) waiter.hint();
    }
    this.looking = false;
    if (this.waiters.size === 0) return;
    const anyoneWaits = waiting.length > 0 && !this.signals.arriving;
    if (anyoneWaits) this.interval = Math.min(LONGEST_LOOK, this.interval * 1.5);
    this.lookIn(this.lookAgain ? 0 : Math.min(next ?? Infinity, anyoneWaits ? this.pace() : this.calm));
  }

  private pace(): Seconds {
    const pace = this.interval * (0.75 + Math.random() / 2);
    return Math.max(pace, Math.min(LONGEST_LOOK, this.took * WORTH_TO_WAITERS));
  }

  private get calm(): Seconds {
    return Math.max(CALM_LOOK, Math.min(RAREST_LOOK, this.took * WORTH));
  }
}
