import type { Seconds } from '../../../core/contract/job-data';
import type { ToldRefusal } from './told-refusal';

/** The most rows that one statement looks at. */
export const MOST_PRUNED = 1000;
/** The most statements in a row, so that a backlog keeps the server busy for a while only. */
const PIECES = 10;
/** How long all rows that are dead now may stay. */
const PACE: Seconds = 60;
/** While there are more. */
const HURRY: Seconds = 1;

/** Rows that cost nothing but space once nobody needs them. */
export interface Prunable {
  /** Deletes some of them; whether there may be others. */
  prune(): Promise<boolean>;
}

/** Deletes rows that nobody needs any more, now and then and in pieces. */
export class Pruner {
  /** In milliseconds of `performance.now()`. Not all processes begin at the same time, and short ones never do. */
  private next = performance.now() + PACE * 1000 * (0.5 + Math.random());

  constructor(
    private readonly rows: Prunable,
    private readonly refusal: Pick<ToldRefusal, 'failed' | 'succeeded'>,
  ) {}

  /** To be called at every look at the clock. Never rejects: what stays is looked at again. */
  async prune(): Promise<void> {
    if (performance.now() < this.next) return;
    let more = false;
    try {
      for (let piece = 0; piece < PIECES; piece += 1) {
        more = await this.rows.prune();
        if (!more) break;
      }
      this.refusal.succeeded();
    } catch (error) {
      more = false;
      this.refusal.failed(error);
    }
    this.next = performance.now() + (more ? HURRY : PACE) * 1000;
  }
}
