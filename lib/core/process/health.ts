import { messageOf, read } from '../checks/text';
import { BackendUnavailableError } from '../contract/errors';
import type { Seconds } from '../contract/job-data';
import type { Logger } from '../contract/logger';
import { type Clock, steadyClock } from '../time/clock';

const SHORTEST_WAIT: Seconds = 0.1;
const LONGEST_WAIT: Seconds = 5;

/** Whether the same call may succeed later by itself. Everything else is a refusal. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof BackendUnavailableError || read(error, 'code') === 'BACKEND_UNAVAILABLE';
}

/**
 * Whether the backend answers, as all workers of a process see it together: one log line when it stops, one when it
 * is back. Retries wait half the outage so far (0.1 to 5 s, with jitter), and all at once end their wait when one
 * call is answered: leases that ran out meanwhile are renewed and settled before anybody frees them.
 */
export class Health {
  private since: number | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly backend: string,
    private readonly logger: Logger,
    private readonly clock: Clock = steadyClock,
  ) {}

  /** Whether the backend has not answered since its last failure. */
  get lost(): boolean {
    return this.since !== undefined;
  }

  /** Calls back whenever the backend answers again. */
  onBack(listener: () => void): void {
    this.listeners.add(listener);
  }

  offBack(listener: () => void): void {
    this.listeners.delete(listener);
  }

  /** It did not answer. Returns how long to wait before the next try. */
  failed(error: unknown): Seconds {
    if (this.since === undefined) {
      this.since = this.clock.now();
      this.logger.error(`${this.backend} does not answer, trying again until it does: ${messageOf(error)}`);
    }
    const wait = Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, this.lasted / 2));
    return wait * (0.5 + Math.random() / 2);
  }

  answered(): void {
    if (this.since === undefined) return;
    this.logger.log(`${this.backend} answers again after ${this.lasted.toFixed(1)} s`);
    this.since = undefined;
    for (const listener of this.listeners) listener();
  }

  private get lasted(): Seconds {
    return (this.clock.now() - (this.since ?? 0)) / 1000;
  }
}
