import { BackendRefusedError } from '../../../core/contract/errors';
import type { JobId, Seconds } from '../../../core/contract/job-data';
import type { Staged, StageRequest } from '../engine/dialect';
import type { DueSchedules } from '../schedules/due-schedules';
import type { DueJobs } from './due-jobs';
import type { KeyPruner } from './key-pruner';
import { LeaseGrace } from './lease-grace';
import type { Waiters } from './waiters';

/** The most rows that one statement moves, so that a backlog of due jobs never means an endless one. */
const PIECE = 10_000;
/** The pace at which to look for what other processes delayed or left behind. */
const CALM: Seconds = 1;
/** A look may take long while the server keeps much that was deleted: looks stay a twentieth of the time, down to this pace. */
const WORTH = 20;
const RAREST: Seconds = 10;
/** After a look that found something due and could not move it: another transaction has it locked. */
const LOCKED: Seconds = 0.05;
/** In so many looks a row is refused before it is buried; so many in one look are not the rows' fault. */
const REFUSALS = 3;
/** A refusal is forgotten after that time, in milliseconds. */
const REFUSAL_MS = 60_000;

/**
 * Watches the clock for a process: makes delayed jobs ready when they are due, frees leases whose time is over, and
 * fires schedules. What this process delays itself never waits for a look. After an outage leases are let be for a
 * while. A row that cannot be moved stops no other: it is passed over and, when it is refused again and again, buried with the reason.
 */
export class Stager {
  private timer: NodeJS.Timeout | undefined;
  /** When the timer fires, in milliseconds of `performance.now()`. */
  private nextLook = Infinity;
  private underWay: Promise<void> | undefined;
  /** The time for a look came while one was under way, which may have been too early for it. */
  private lookAgain = false;
  private took: Seconds = 0;
  private readonly refused = new Map<JobId, { times: number; readonly since: number }>();

  constructor(
    private readonly due: Pick<DueJobs, 'stage' | 'first' | 'bury'> & Partial<Pick<DueJobs, 'heldUpAt'>>,
    private readonly waiters: Waiters,
    /** A look has asked for all who wait. */
    private readonly asked: () => void = () => {},
    private readonly grace = new LeaseGrace(),
    private readonly schedules?: Pick<DueSchedules, 'fire'>,
    /** What else is to be done now and then. */
    private readonly keys?: Pick<KeyPruner, 'prune'>,
  ) {}

  /** A look is under way, which asks for all who wait, too. */
  get looking(): boolean {
    return this.underWay !== undefined;
  }

  /** Resolves when no look is under way. */
  async idle(): Promise<void> {
    await this.underWay;
  }

  /** A delay, lease or pause ends after that time. */
  expect(within: Seconds): void {
    // Not longer: a timer of more than 24.8 days fires at once.
    const ms = Math.min(within, RAREST) * 1000;
    const at = performance.now() + ms;
    if (at >= this.nextLook) return;
    clearTimeout(this.timer);
    this.nextLook = at;
    // A whole millisecond more: timers fire up to one early, and a look before the time finds nothing.
    this.timer = setTimeout(() => this.look(), Math.ceil(ms) + 1);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.nextLook = Infinity;
  }

  private look(): void {
    this.nextLook = Infinity;
    this.lookAgain = this.looking;
    this.underWay ??= this.lookOnce().finally(() => {
      this.underWay = undefined;
      if (this.waiters.any && this.lookAgain) this.expect(0);
    });
  }

  private async lookOnce(): Promise<void> {
    const began = performance.now();
    let next: Seconds | undefined;
    try {
      next = await this.stageAll();
      this.asked();
      await this.keys?.prune();
    } catch (error) {
      if (!(error instanceof BackendRefusedError)) this.grace.failed();
      this.waiters.fail(error, began);
    }
    const calm = Math.max(CALM, Math.min(RAREST, this.took * WORTH));
    if (this.waiters.any) this.expect(Math.min(next ?? Infinity, calm));
  }

  /** Moves all that is due; resolves with the time until more is. */
  private async stageAll(): Promise<Seconds | undefined> {
    const passedOver = this.refusedOften();
    const knownBefore = passedOver.length;
    let limit = PIECE;
    for (;;) {
      const began = performance.now();
      const look = this.grace.sent(this.due.heldUpAt);
      const { leasesUntil } = look;
      let staged: Staged;
      try {
        staged = await this.due.stage({ limit, passedOver, waiting: this.waiters.waiting, leasesUntil });
        this.grace.answered(look, staged.now);
      } catch (error) {
        if (!(error instanceof BackendRefusedError)) throw error;
        if (limit > 1) {
          // One of them is at fault: nearer and nearer to it.
          limit = Math.ceil(limit / 10);
          continue;
        }
        if (passedOver.length - knownBefore === REFUSALS) {
          this.refused.clear();
          throw error;
        }
        passedOver.push(await this.passOver({ passedOver, leasesUntil }, error));
        limit = PIECE;
        continue;
      }
      for (const pipeline of new Set(staged.pipelines)) this.waiters.wake(pipeline);
      if (staged.moved === limit) continue;
      this.took = (performance.now() - began) / 1000;
      const next = staged.next !== undefined && staged.next <= 0 ? LOCKED : staged.next;
      const nextSlot = await this.fired(staged.nextSlot);
      return nextSlot === undefined ? next : Math.min(nextSlot, next ?? Infinity);
    }
  }

  /** Fires what is due; resolves with the time until more is. One piece a look, so that delayed jobs wait for none. */
  private async fired(nextSlot: Seconds | undefined): Promise<Seconds | undefined> {
    return nextSlot !== undefined && nextSlot <= 0 ? this.schedules?.fire() : nextSlot;
  }

  /** The row that is due first is refused; resolves with its id. */
  private async passOver(
    request: Pick<StageRequest, 'passedOver' | 'leasesUntil'>,
    error: BackendRefusedError,
  ): Promise<JobId> {
    const id = await this.due.first(request);
    // Nothing is due any more: then it is not a row that is refused.
    if (id === undefined) throw error;
    const { times, since } = this.refused.get(id) ?? { times: 0, since: performance.now() };
    this.refused.set(id, { times: times + 1, since });
    // What cannot be buried, either, is passed over until its refusals are forgotten.
    if (times + 1 === REFUSALS)
      await this.due.bury(id, `It could not be made ready: ${error.message}`).catch(() => undefined);
    return id;
  }

  private refusedOften(): JobId[] {
    const often: JobId[] = [];
    for (const [id, { times, since }] of this.refused) {
      if (performance.now() - since > REFUSAL_MS) this.refused.delete(id);
      else if (times >= REFUSALS) often.push(id);
    }
    return often;
  }
}
