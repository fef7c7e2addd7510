import { type ClaimOrder, isBefore } from './claim-order';

/** How long the mark holds, as a multiple of what a claim without it took: so that such claims stay a twentieth of the time. */
const WORTH = 20;
const SHORTEST_MS = 20;
const LONGEST_MS = 10_000;
/** The same after a claim behind the mark that brought nothing, where claims without it are quick. */
const WORTH_TO_IDLERS = 4;
const QUICK_MS = 10;

const FIRST: ClaimOrder = { priority: -1, id: '0' };

/**
 * The place in the order of claims before which nothing ready lies, as far as is known. PostgreSQL and InnoDB keep
 * the index entries of deleted jobs until the oldest transaction of the whole server has ended; without the mark every
 * claim would walk over all of them.
 *
 * What this process makes ready before the mark takes it back to there. Of what others make ready the place is not
 * known, and a rival's claim may be rolled back: so now and then a claim goes without the mark, the more rarely the
 * longer that takes. Until then a more urgent job of another process may be passed.
 */
export class LowWaterMark {
  private mark: ClaimOrder | undefined;
  private holdsUntil = 0;
  /** When the last claim without the mark ended, in milliseconds of `performance.now()`. */
  private lastWithout = 0;
  /** How long the last claim without the mark took, in milliseconds. */
  private took = 0;
  /** Other processes have made jobs ready since the last claim without the mark began; it is not known where. */
  private doubted = false;
  /** Claims under way. */
  private readonly looks = new Set<Look>();

  /** `from`: the least duration of a claim without the mark, in milliseconds, that sets one. */
  constructor(private readonly from: number) {}

  /** Whether the next claim goes without the mark, and may take long: nothing should wait for it. */
  get isOver(): boolean {
    return this.isSlow && !this.holds;
  }

  /** A claim begins. */
  begin(): Look {
    const mark = this.holds ? this.mark : undefined;
    if (!mark) this.doubted = false;
    const look = new Look(mark, this.isSlow);
    this.looks.add(look);
    return look;
  }

  /** The claim has brought these jobs. */
  reached(look: Look, jobs: readonly ClaimOrder[]): void {
    const now = performance.now();
    let last: ClaimOrder | undefined;
    for (const job of jobs) if (!last || isBefore(last, job)) last = job;
    if (!look.mark) {
      this.took = now - look.began;
      this.lastWithout = now;
      this.holdsUntil =
        this.took < this.from ? 0 : now + Math.min(LONGEST_MS, Math.max(SHORTEST_MS, this.took * WORTH));
    } else if (!last && this.doubted && this.mayTry(now)) {
      look.missed = true;
      this.mark = undefined;
    }
    if (last) this.mark = { priority: last.priority, id: last.id };
    if (look.lowered) this.lower(look.lowered);
  }

  /** The claim has ended, whether it was answered or not. */
  end(look: Look): void {
    this.looks.delete(look);
  }

  /** Jobs from this place on, or from anywhere, have become ready. */
  lower(to: ClaimOrder = FIRST): void {
    for (const look of this.looks) if (!look.lowered || isBefore(to, look.lowered)) look.lowered = to;
    if (!this.mark || isBefore(this.mark, to)) return;
    this.mark = to === FIRST ? undefined : { priority: to.priority, id: `${BigInt(to.id) - 1n}` };
  }

  /** Another process has made jobs ready, at a place that is not known. */
  doubt(): void {
    this.doubted = true;
  }

  /** Where the database is to be told where to begin, if only at the very first place. */
  private get isSlow(): boolean {
    return this.from > 0 && this.took >= this.from;
  }

  private mayTry(now: number): boolean {
    return this.took < QUICK_MS && now - this.lastWithout >= this.took * WORTH_TO_IDLERS;
  }

  private get holds(): boolean {
    return this.mark !== undefined && performance.now() < this.holdsUntil;
  }
}

/** One claim's view of the mark. */
export class Look {
  readonly began = performance.now();
  /** The first place at which jobs became ready since it began. */
  lowered: ClaimOrder | undefined;
  /** It brought nothing, and another claim, without the mark, may quickly find more. */
  missed = false;

  constructor(
    readonly mark: ClaimOrder | undefined,
    private readonly isSlow: boolean,
  ) {}

  /** Behind which place to look. */
  get after(): ClaimOrder | undefined {
    return this.mark ?? (this.isSlow ? FIRST : undefined);
  }
}
