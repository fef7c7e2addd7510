import assert from 'node:assert/strict';
import type { Seconds } from '../../core/contract/job-data';

/** How long to wait for what must come: far longer than it takes, so that a busy machine fails no case. */
export const PATIENCE: Seconds = 5;

/** For what comes at once, on a busy machine; less than PATIENCE, so that a whole wait is found. */
const AT_ONCE: Seconds = 2.5;

/** Two clocks do not tick alike: a second of the server's may be this much shorter on ours. */
const CLOCK_DIFFERENCE: Seconds = 0.05;

const POLL_MILLISECONDS = 20;

/** Runs from its making. */
export class Stopwatch {
  private readonly start = performance.now();

  get seconds(): Seconds {
    return (performance.now() - this.start) / 1000;
  }

  /** Start the watch before the call with which the backend's own time begins. */
  assertNotBefore(seconds: Seconds): void {
    assert.ok(
      this.seconds > seconds - CLOCK_DIFFERENCE,
      `after ${this.seconds} s, too early for ${seconds} s`,
    );
  }

  assertAtOnce(): void {
    assert.ok(this.seconds < AT_ONCE, `took ${this.seconds} s, should have been at once`);
  }
}

/** Waits until a look at the backend says so. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const watch = new Stopwatch();
  while (!(await condition())) {
    assert.ok(watch.seconds < PATIENCE, `did not happen within ${PATIENCE} s`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}
