import type { Seconds } from '../contract/job-data';
import { type Clock, steadyClock } from '../time/clock';
import { clearTimeout, setTimeout } from '../time/timers';

/** A worker, as isolation sees it. */
export interface IsolationMember {
  /** Whether it runs a handler, or holds a job that it cannot give back. */
  readonly occupied: boolean;
  /** A poison job wants to be alone: give back what is not started, and take nothing. */
  clearTheWay(): void;
  /** It is over. */
  goOn(): void;
}

/** A poison job that wants to be alone. */
export interface Loner {
  /** It is: nothing else runs. */
  start(): void;
  /** What runs takes too long. */
  giveUp(): void;
}

/** How long what runs may hold up a poison job, and it everybody else. Doubles each time that was not enough. */
const PATIENCE: Seconds = 5;
const MOST_PATIENCE: Seconds = 600;
/** After that long in vain, the others are not held up for so many times as long. */
const REST = 3;

/**
 * Lets one poison job of the process run alone: a job whose next lost lease may bury it starts only when no worker
 * of the process, of whichever pipeline, runs or holds anything else. So a job that kills its process at last kills
 * it alone, and none is buried for having been beside it.
 *
 * While it waits no other job starts. It waits for a while only, and the longer the more often that was in vain: it is
 * alone at last, however long handlers take, and the others are held up a quarter of the time at most.
 */
export class Isolation {
  private readonly members = new Set<IsolationMember>();
  private loner: Loner | undefined;
  private taken = false;
  private waited: Seconds;
  private timer: NodeJS.Timeout | undefined;
  private restsUntil = 0;

  constructor(
    private readonly patience: Seconds = PATIENCE,
    private readonly clock: Clock = steadyClock,
  ) {
    this.waited = patience;
  }

  add(member: IsolationMember): void {
    this.members.add(member);
  }

  remove(member: IsolationMember): void {
    this.members.delete(member);
    this.check();
  }

  /** Whether a poison job waits or runs: no other job may start. */
  get wanted(): boolean {
    return this.taken;
  }

  /** Whether one has waited in vain: it is the others' turn. */
  get resting(): boolean {
    return this.clock.now() < this.restsUntil;
  }

  /** Starts the loner as soon as nothing else runs. To be called while none is `wanted`, and it is not `resting`. */
  enter(loner: Loner): void {
    this.taken = true;
    this.loner = loner;
    this.timer = setTimeout(() => this.giveUp(), this.waited * 1000);
    for (const member of this.members) member.clearTheWay();
    this.check();
  }

  /** To be called whenever a worker has less to do. */
  check(): void {
    if (!this.loner) return;
    for (const member of this.members) if (member.occupied) return;
    const { loner } = this;
    this.stopWaiting();
    this.waited = this.patience;
    loner.start();
  }

  /** The poison job has ended, or does not want to start any more. */
  leave(): void {
    if (!this.taken) return;
    this.taken = false;
    this.stopWaiting();
    for (const member of this.members) member.goOn();
  }

  private giveUp(): void {
    const { loner } = this;
    this.restsUntil = this.clock.now() + this.waited * REST * 1000;
    this.waited = Math.min(MOST_PATIENCE, this.waited * 2);
    loner?.giveUp();
    this.leave();
  }

  private stopWaiting(): void {
    this.loner = undefined;
    clearTimeout(this.timer);
  }
}

/** All queues of a process die together. */
export const processIsolation = new Isolation();
