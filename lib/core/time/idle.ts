import type { Seconds } from '../contract/job-data';
import { sleep } from './sleep';

/** Waits for the moment in which nothing is left to do. */
export class Idle {
  private whenReached: (() => void) | undefined;

  reached(): void {
    this.whenReached?.();
  }

  /** Resolves when it is reached, or after that time. */
  async within(duration: Seconds): Promise<void> {
    const waiting = new AbortController();
    this.whenReached = () => waiting.abort();
    await sleep(duration, waiting.signal);
    this.whenReached = undefined;
  }
}
