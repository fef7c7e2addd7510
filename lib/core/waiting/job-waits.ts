import { JobFailedError, JobGoneError, JobWaitTimeoutError } from '../contract/end-errors';
import {
  BackendClosedError,
  BackendUnavailableError,
  InvalidResultError,
  JobCancelledError,
} from '../contract/errors';
import type { JobId, Seconds } from '../contract/job-data';
import type { JobFate, Waiting } from '../contract/ports/waiting';
import { MAX_TIMEOUT } from '../time/sleep';
import { clearTimeout, setImmediate, setTimeout } from '../time/timers';

/** Between two looks, in milliseconds: soon after somebody begins to wait, then ever more rarely. */
const SHORTEST_MS = 20;
const LONGEST_MS = 500;
const GROWTH = 1.5;

interface Waiter {
  readonly resolve: (fate: JobFate | undefined) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * All who wait in this process for the ends of jobs, wherever these run. Everybody is known before the first look, and one
 * look asks for all of them; there is none while nobody waits. An end in this process is a hint to look at once.
 */
export class JobWaits {
  private readonly waiters = new Map<JobId, Set<Waiter>>();
  private interval = SHORTEST_MS;
  private timer: NodeJS.Timeout | undefined;
  private looking = false;
  private lookAgain = false;
  private outage: unknown;
  private closed = false;

  constructor(
    private readonly backend: string,
    private readonly port: () => Waiting,
  ) {}

  /**
   * Resolves with the text of the job's result, or undefined when it has none.
   *
   * @throws {JobFailedError | JobCancelledError | JobGoneError | JobWaitTimeoutError | InvalidResultError}
   */
  async end(id: JobId, timeout: Seconds): Promise<string | undefined> {
    const fate = await this.fate(id, timeout);
    switch (fate?.fate) {
      case 'completed':
        if (fate.result === undefined && fate.error !== undefined)
          throw new InvalidResultError(id, `is not kept: ${withoutItsName(fate.error)}`);
        return fate.result;
      case 'buried':
        throw new JobFailedError(id, fate.attempts, fate.reason);
      case 'cancelled':
        throw new JobCancelledError(id, fate.reason);
      default:
        throw new JobGoneError(id);
    }
  }

  /** A job has ended in this process. */
  hint(id: JobId): void {
    if (this.waiters.has(id)) this.lookSoon();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.failAll(new BackendClosedError(this.backend));
  }

  private fate(id: JobId, timeout: Seconds): Promise<JobFate | undefined> {
    if (this.closed) throw new BackendClosedError(this.backend);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          this.forget(id, waiter);
          const cause = this.outage;
          reject(new JobWaitTimeoutError(id, timeout, cause === undefined ? {} : { cause }));
        },
        Math.min(timeout * 1000, MAX_TIMEOUT),
      );
      const waiter: Waiter = { resolve, reject, timer };
      const others = this.waiters.get(id);
      if (others) others.add(waiter);
      else this.waiters.set(id, new Set([waiter]));
      this.interval = SHORTEST_MS;
      this.lookSoon();
    });
  }

  /** All who begin to wait in one go share the look. */
  private lookSoon(): void {
    if (this.lookAgain) return;
    this.lookAgain = true;
    clearTimeout(this.timer);
    this.timer = undefined;
    setImmediate(() => void this.look());
  }

  private async look(): Promise<void> {
    if (this.looking || this.closed) return;
    this.looking = true;
    this.lookAgain = false;
    try {
      const ids = [...this.waiters.keys()];
      if (ids.length > 0) this.tell(ids, await this.port().fates(ids));
      this.outage = undefined;
    } catch (error) {
      this.outage = error;
      // An outage passes; their own time ends the waits in one that does not.
      if (!(error instanceof BackendUnavailableError)) this.failAll(error);
    } finally {
      this.looking = false;
    }
    if (this.lookAgain) return void this.look();
    if (this.waiters.size === 0 || this.closed) return;
    this.timer = setTimeout(() => void this.look(), this.interval);
    this.interval = Math.min(LONGEST_MS, this.interval * GROWTH);
  }

  private tell(ids: readonly JobId[], fates: ReadonlyMap<JobId, JobFate>): void {
    for (const id of ids) {
      const fate = fates.get(id);
      if (fate?.fate === 'open') continue;
      for (const waiter of this.taken(id)) waiter.resolve(fate);
    }
  }

  private failAll(error: unknown): void {
    for (const id of [...this.waiters.keys()]) for (const waiter of this.taken(id)) waiter.reject(error);
  }

  private taken(id: JobId): Iterable<Waiter> {
    const all = this.waiters.get(id) ?? new Set();
    this.waiters.delete(id);
    for (const { timer } of all) clearTimeout(timer);
    return all;
  }

  private forget(id: JobId, waiter: Waiter): void {
    const all = this.waiters.get(id);
    all?.delete(waiter);
    if (all?.size === 0) this.waiters.delete(id);
  }
}

/** The stored line names the error and the job, as this one will. */
function withoutItsName(line: string): string {
  return line.replace(/^InvalidResultError: .*? is not kept: /, '').replace(/\.$/, '');
}
