/** How long work may go on before it lets others in, in milliseconds. */
const LONGEST = 5;

/** The real one, whatever a test's fake timers put in its place later. */
const macrotask = setImmediate;

/**
 * Lets timers, sockets and signals in while work goes on that never waits for anything outside of the process: a loop
 * of awaits runs on microtasks alone then, and starves them. By time, and not by number of statements.
 */
export class Breath {
  /** When the work of this macrotask began. */
  private since: number | undefined;

  /** Asked before or after each piece of work: whether it has gone on for so long that a macrotask has to pass. */
  get due(): boolean {
    const now = performance.now();
    if (this.since !== undefined) return now - this.since >= LONGEST;
    this.since = now;
    macrotask(() => (this.since = undefined));
    return false;
  }

  taken(): Promise<void> {
    return new Promise((resolve) => macrotask(resolve));
  }
}
