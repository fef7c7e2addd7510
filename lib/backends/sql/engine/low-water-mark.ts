import { type ClaimOrder, isBefore } from './claim-order';

/** How long the mark holds, as a multiple of what a claim without it took: so that such claims stay a twentieth of the time. */
const WORTH = 20;
const SHORTEST_MS = 20;
const LONGEST_MS = 10_000;

/**
 * The place in the order of claims before which nothing ready lies, as far as is known. PostgreSQL and InnoDB keep
 * the index entries of deleted jobs until the oldest transaction of the whole server has ended; without the mark every
 * claim would walk over all of them.
 *
 * What comes back or comes late to a place before the mark is heard of by a hint, and takes the mark back to there: a
 * put's own news, for one, may arrive when its jobs are claimed already. A hint may be lost, and a rival's claim may be
 * rolled back: so now and then a claim goes without the mark, the more rarely the longer that takes.
 */
export class LowWaterMark {
  private mark: ClaimOrder | undefined;
  private holdsUntil = 0;
  /** The first place that was heard of since the claim under way began. */
  private heard: ClaimOrder | undefined;
  private began = 0;
  private marked = false;
  /** The last claim without the mark took so long that all are told where to begin, if only at the very first place. */
  private slow = false;

  /** `from`: the least duration of a claim without the mark, in milliseconds, that sets one. */
  constructor(private readonly from = 0) {}

  /** Whether the next claim goes without the mark, and may take long: nothing should wait for it. */
  get isOver(): boolean {
    return this.slow && !this.holds;
  }

  /** A claim begins: where to. */
  begin(): ClaimOrder | undefined {
    this.began = performance.now();
    this.heard = undefined;
    this.marked = this.holds;
    if (this.marked) return this.mark;
    return this.slow ? ANYWHERE : undefined;
  }

  /** The claim was answered, and its last job is this one; a claim without the mark that brought nothing has proven it. */
  reached(last: ClaimOrder | undefined): void {
    const now = performance.now();
    if (!this.marked) {
      const took = now - this.began;
      this.slow = this.from > 0 && took >= this.from;
      this.holdsUntil =
        took < this.from ? 0 : now + Math.min(LONGEST_MS, Math.max(SHORTEST_MS, took * WORTH));
    }
    if (last) this.mark = last;
    if (this.heard) this.lower(this.heard);
  }

  /** Jobs from this place on, or from anywhere, may have become ready. */
  hear(first: ClaimOrder = ANYWHERE): void {
    if (!this.heard || isBefore(first, this.heard)) this.heard = first;
    this.lower(first);
  }

  private get holds(): boolean {
    return this.mark !== undefined && performance.now() < this.holdsUntil;
  }

  private lower(first: ClaimOrder): void {
    if (!this.mark || isBefore(this.mark, first)) return;
    this.mark = first === ANYWHERE ? undefined : { priority: first.priority, id: `${Number(first.id) - 1}` };
  }
}

const ANYWHERE: ClaimOrder = { priority: -1, id: '0' };
