/** How long work may go on before it lets timers and sockets in, in milliseconds. */
const LONGEST = 5;

/** The real one, even when a test installs fake timers later. */
const macrotask = setImmediate;

/**
 * Lets timers, sockets and signals in during work that never waits for anything outside of the process: such a loop of
 * awaits runs on microtasks alone and would starve them. It counts time, not statements.
 */
export class Breath {
  /** When the work of this macrotask began. */
  private since: number | undefined;

  /** Whether the work has gone on for so long that a macrotask has to pass. Ask before or after each piece of work. */
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
