import { messageOf } from '../checks/text';
import type { Leased, Seconds } from '../contract/job-data';
import type { Leases } from '../contract/leases';
import { isUnavailable } from '../process/health';
import { sleep } from '../time/sleep';
import type { WorkerSurroundings } from './worker-options';

/** Between two tries of what the backend refuses. */
const AFTER_REFUSAL: Seconds = 1;

/** What a worker does after a call that failed: it says why once, and waits before the next try. */
export class Retries {
  private refused = false;
  private waiting = new AbortController();

  constructor(
    private readonly pipeline: string,
    private readonly context: WorkerSurroundings,
  ) {}

  /** Returns the jobs that were lost; notes that the backend has answered, or why it did not. */
  async renew(leases: Pick<Leases, 'renew'>, jobs: readonly Leased[]): Promise<Leased[]> {
    try {
      const lost = await leases.renew(jobs);
      if (lost.length < jobs.length) this.context.health.answered();
      return lost;
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  /** A call was answered as it should be. */
  succeeded(): void {
    this.refused = false;
  }

  /** Notes the failure. Returns how long to wait before the next try. */
  failed(error: unknown): Seconds {
    if (isUnavailable(error)) return this.context.health.failed(error);
    if (!this.refused) {
      this.context.logger.error(
        `${this.context.backend.name} refuses a call for jobs of ${this.pipeline}, trying again each second: ${messageOf(error)}`,
      );
    }
    this.refused = true;
    return AFTER_REFUSAL;
  }

  /** Resolves when the next try is due: after that time, when the backend is back, or when the worker ends. */
  async wait(duration: Seconds, until: AbortSignal): Promise<void> {
    const { signal } = this.waiting;
    const end = new AbortController();
    const stop = (): void => end.abort();
    signal.addEventListener('abort', stop, { once: true });
    until.addEventListener('abort', stop, { once: true });
    if (signal.aborted || until.aborted) stop();
    await sleep(duration, end.signal);
    signal.removeEventListener('abort', stop);
    until.removeEventListener('abort', stop);
  }

  /** Ends all waits. */
  tryNow(): void {
    this.waiting.abort();
    this.waiting = new AbortController();
  }
}
