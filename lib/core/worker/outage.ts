import type { Seconds } from '../contract/job-data';
import type { Logger } from '../contract/logger';
import { messageOf } from '../contract/text';

const SHORTEST_WAIT: Seconds = 0.1;
const LONGEST_WAIT: Seconds = 5;

/**
 * A backend that does not answer, as all workers of a process see it together: one log line when it breaks, one
 * when it is back. In between everyone waits half as long again as it has lasted, with jitter, so that a server
 * that comes back is not stormed.
 */
export class Outage {
  private since: number | undefined;

  constructor(
    private readonly backend: string,
    private readonly logger: Logger,
  ) {}

  /** Whether the backend has not answered since its last failure. */
  get lasts(): boolean {
    return this.since !== undefined;
  }

  /** Answers how long to wait before the next try. */
  failed(error: unknown): Seconds {
    if (this.since === undefined) {
      this.since = performance.now();
      this.logger.error(`${this.backend} does not answer, trying again until it does: ${messageOf(error)}`);
    }
    const wait = Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, secondsSince(this.since) / 2));
    return wait * (0.5 + Math.random() / 2);
  }

  answered(): void {
    if (this.since === undefined) return;
    this.logger.log(`${this.backend} answers again after ${secondsSince(this.since).toFixed(1)} s`);
    this.since = undefined;
  }
}

function secondsSince(time: number): Seconds {
  return (performance.now() - time) / 1000;
}
