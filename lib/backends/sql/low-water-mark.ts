import type { ClaimOrder } from './dialect';

/** How long the mark holds, as a multiple of what a claim without it took: so that such claims stay a tenth of the time. */
const WORTH = 10;
const SHORTEST_MS = 20;
const LONGEST_MS = 1000;

/**
 * The place in the order of claims before which nothing ready lies, as far as is known. PostgreSQL keeps the index
 * entries of deleted jobs until the oldest transaction of the whole server has ended; without the mark every
 * claim would walk over all of them.
 *
 * What comes back or comes late to a place before the mark is heard of by a hint, and takes the mark away. A
 * hint may be lost, and a rival's claim may be rolled back: so the mark holds only for a while, the shorter the
 * less a claim without it costs.
 */
export class LowWaterMark {
  private mark: ClaimOrder | undefined;
  private holdsUntil = 0;
  /** The first place that was heard of since the claim under way began. */
  private heard: ClaimOrder | undefined;
  private began = 0;
  private marked = false;

  /** A claim begins: where to. */
  begin(): ClaimOrder | undefined {
    this.began = performance.now();
    if (this.began >= this.holdsUntil) this.mark = undefined;
    this.heard = undefined;
    this.marked = this.mark !== undefined;
    return this.mark;
  }

  /** The claim was answered, and its last job is this one. */
  reached(last: ClaimOrder | undefined): void {
    const now = performance.now();
    if (!this.marked) {
      this.holdsUntil = now + Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (now - this.began) * WORTH));
    }
    if (last) this.mark = this.heard && !isBefore(last, this.heard) ? undefined : last;
  }

  /** Jobs from this place on, or from anywhere, may have become ready. */
  hear(first: ClaimOrder = ANYWHERE): void {
    if (!this.heard || isBefore(first, this.heard)) this.heard = first;
    if (this.mark && !isBefore(this.mark, first)) this.mark = undefined;
  }
}

const ANYWHERE: ClaimOrder = { priority: -1, id: '0' };

export function isBefore(one: ClaimOrder, other: ClaimOrder): boolean {
  return one.priority === other.priority ? Number(one.id) < Number(other.id) : one.priority < other.priority;
}
