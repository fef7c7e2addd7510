import type { Seconds } from '../../../core/contract/job-data';
import { MAX_TIMEOUT } from '../../../core/time/sleep';

type Sleeper = (error?: Error) => void;

/** The calls of one worker that wait for a hint. */
export class Sleepers {
  private readonly all = new Set<Sleeper>();

  get any(): boolean {
    return this.all.size > 0;
  }

  /** Their waits end, or reject with that error. */
  wake(error?: Error): void {
    for (const wake of [...this.all]) wake(error);
  }

  /** Resolves at the next wake, after that time, or when the signal aborts. */
  wait(within: Seconds, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake: Sleeper = (error) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.all.delete(wake);
        if (error) reject(error);
        else resolve();
      };
      const end = (): void => wake();
      const timer = setTimeout(end, Math.min(within * 1000, MAX_TIMEOUT));
      signal.addEventListener('abort', end, { once: true });
      this.all.add(wake);
    });
  }
}
