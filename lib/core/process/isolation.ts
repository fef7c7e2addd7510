/** A worker, as isolation sees it. */
export interface IsolationMember {
  /** Whether it runs a handler, or holds a job that it cannot give back. */
  readonly occupied: boolean;
  /** A poison job wants to be alone: give back what is not started, and take nothing. */
  clearTheWay(): void;
  /** It is over. */
  goOn(): void;
}

/**
 * Lets one poison job of the process run alone: a job whose next lost lease would bury it starts only when no worker
 * of the process, of whichever pipeline, runs or holds anything else. So a job that kills its process at last kills
 * it alone, and none is buried for having been beside it.
 */
export class Isolation {
  private readonly members = new Set<IsolationMember>();
  private start: (() => void) | undefined;
  private taken = false;

  add(member: IsolationMember): void {
    this.members.add(member);
  }

  remove(member: IsolationMember): void {
    this.members.delete(member);
    this.check();
  }

  /** Whether a poison job waits or runs: nobody else may start. */
  get wanted(): boolean {
    return this.taken;
  }

  /** False when another poison job is first. Calls `start` as soon as nothing else runs. */
  enter(start: () => void): boolean {
    if (this.taken) return false;
    this.taken = true;
    this.start = start;
    for (const member of this.members) member.clearTheWay();
    this.check();
    return true;
  }

  /** To be called whenever a worker has less to do. */
  check(): void {
    if (!this.start) return;
    for (const member of this.members) if (member.occupied) return;
    const { start } = this;
    this.start = undefined;
    start();
  }

  /** The poison job has ended, or does not want to start any more. */
  leave(): void {
    if (!this.taken) return;
    this.taken = false;
    this.start = undefined;
    for (const member of this.members) member.goOn();
  }
}

/** All queues of a process die together. */
export const processIsolation = new Isolation();
