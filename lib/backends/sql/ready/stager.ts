import { BackendRefusedError } from '../../../core/contract/errors';
import type { JobId, Seconds } from '../../../core/contract/job-data';
import type { Staged } from '../engine/dialect';
import type { DueSchedules } from '../schedules/due-schedules';
import type { DueJobs } from './due-jobs';
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

/** Work that is worth a statement now and then, and that nobody waits for. */
export type Chore = () => Promise<void>;

/** What a stager works with. */
export interface StagerParts {
  readonly due: Pick<DueJobs, 'stage' | 'first' | 'bury'> & Partial<Pick<DueJobs, 'heldUpAt' | 'areWatched'>>;
  readonly waiters: Waiters;
  /** Called when a look has asked for all who wait. */
  readonly asked?: () => void;
  readonly grace?: LeaseGrace;
  readonly schedules?: Pick<DueSchedules, 'fire'>;
  /** What else is to be done now and then. None of them rejects. */
  readonly chores?: readonly Chore[];
}

/**
 * Watches the clock for a process: makes delayed jobs ready when they are due, frees leases whose time is over, and
 * fires schedules. What this process delays itself never waits for a look. After an outage leases are let be for a
 * while. A row that cannot be moved stops no other: it is passed over and, when it is refused again and again, buried
 * with the reason.
 */
export class Stager {
  private timer: NodeJS.Timeout | undefined;
  /** When the timer fires, in milliseconds of `performance.now()`. */
  private nextLook = Infinity;
  private underWay: Promise<void> | undefined;
  private chores: Promise<void> | undefined;
  /** The time for a look came while one was under way, which may have been too early for it. */
  private lookAgain = false;
  private took: Seconds = 0;
  private hasLooked = false;
  private readonly refused = new Map<JobId, { times: number; readonly since: number }>();

  private readonly grace: LeaseGrace;

  constructor(private readonly parts: StagerParts) {
    this.grace = parts.grace ?? new LeaseGrace();
  }

  /** A look is under way, which asks for all who wait, too. */
  get looking(): boolean {
    return this.underWay !== undefined;
  }

  /** Resolves when no look and no chore is under way. */
  async idle(): Promise<void> {
    await this.underWay;
    await this.chores;
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
      if (this.parts.waiters.any && this.lookAgain) this.expect(0);
    });
  }

  private async lookOnce(): Promise<void> {
    const began = performance.now();
    let next: Seconds | undefined;
    try {
      await this.comeIn();
      next = await this.stageAll();
      this.parts.asked?.();
      this.doChores();
    } catch (error) {
      if (!(error instanceof BackendRefusedError)) this.grace.failed();
      this.parts.waiters.fail(error, began);
    }
    const calm = Math.max(CALM, Math.min(RAREST, this.took * WORTH));
    if (this.parts.waiters.any) this.expect(Math.min(next ?? Infinity, calm));
  }

  /** Beside the looks: a delete that waits for locks on a busy server would hold up jobs that are due. */
  private doChores(): void {
    this.chores ??= this.choresInTurn().finally(() => {
      this.chores = undefined;
    });
  }

  private async choresInTurn(): Promise<void> {
    for (const chore of this.parts.chores ?? []) await chore();
  }

  /** Before the first look: others may have been cut off from the server until now. */
  private async comeIn(): Promise<void> {
    if (this.hasLooked) return;
    if (await this.parts.due.areWatched?.()) this.grace.newcomer();
    this.hasLooked = true;
  }

  /** Moves all that is due; resolves with the time until more is. */
  private async stageAll(): Promise<Seconds | undefined> {
    const passedOver = this.refusedOften();
    const blamed: JobId[] = [];
    let refusal: BackendRefusedError | undefined;
    const { due, waiters } = this.parts;
    let limit = PIECE;
    for (;;) {
      const began = performance.now();
      const look = this.grace.sent(due.heldUpAt);
      const { leasesUntil } = look;
      let staged: Staged;
      try {
        staged = await due.stage({ limit, passedOver, waiting: waiters.waiting, leasesUntil });
        this.grace.answered(look, staged.now);
      } catch (error) {
        if (!(error instanceof BackendRefusedError)) throw error;
        if (limit > 1) {
          // One of them is at fault: nearer and nearer to it.
          limit = Math.ceil(limit / 10);
          continue;
        }
        // So many, or none at all: then it is not a row that is refused.
        const first = blamed.length < REFUSALS ? await due.first({ passedOver, leasesUntil }) : undefined;
        if (first === undefined) throw error;
        blamed.push(first);
        passedOver.push(first);
        refusal = error;
        limit = PIECE;
        continue;
      }
      // Only now is it known that those rows are at fault: without them the look is not refused.
      if (refusal) await this.noteRefused(blamed.splice(0), refusal);
      for (const pipeline of new Set(staged.pipelines)) waiters.wake(pipeline);
      if (staged.moved === limit) continue;
      this.took = (performance.now() - began) / 1000;
      const next = staged.next !== undefined && staged.next <= 0 ? LOCKED : staged.next;
      const nextSlot = await this.fired(staged.nextSlot);
      return nextSlot === undefined ? next : Math.min(nextSlot, next ?? Infinity);
    }
  }

  /** Fires what is due; resolves with the time until more is. One piece a look, so that delayed jobs wait for none. */
  private async fired(nextSlot: Seconds | undefined): Promise<Seconds | undefined> {
    return nextSlot !== undefined && nextSlot <= 0 ? this.parts.schedules?.fire() : nextSlot;
  }

  private async noteRefused(ids: readonly JobId[], { message }: BackendRefusedError): Promise<void> {
    for (const id of ids) {
      const { times, since } = this.refused.get(id) ?? { times: 0, since: performance.now() };
      this.refused.set(id, { times: times + 1, since });
      // What cannot be buried, either, is passed over until its refusals are forgotten.
      if (times + 1 === REFUSALS)
        await this.parts.due.bury(id, `It could not be made ready: ${message}`).catch(() => undefined);
    }
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
