import assert from 'node:assert/strict';
import type { Seconds } from '../../core/contract/job-data';

/** How long to wait for what must come: far longer than it takes, so that no case fails on a busy machine. */
export const PATIENCE: Seconds = 5;

/** For what comes at once, on a busy machine; less than PATIENCE, so that a whole wait is found. */
const AT_ONCE: Seconds = 2.5;

/** Clocks differ: a second of the server may be this much shorter on ours. */
const CLOCK_DIFFERENCE: Seconds = 0.05;

const POLL_MILLISECONDS = 20;

/** Starts when it is created. */
export class Stopwatch {
  private readonly start = performance.now();

  get seconds(): Seconds {
    return (performance.now() - this.start) / 1000;
  }

  /** Create the watch before the call that starts the backend's time. */
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

/** Waits until the condition holds. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const watch = new Stopwatch();
  while (!(await condition())) {
    assert.ok(watch.seconds < PATIENCE, `did not happen within ${PATIENCE} s`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}
