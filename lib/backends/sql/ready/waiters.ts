import { BackendUnavailableError } from '../../../core/contract/errors';

/** Someone who takes jobs, and waits when there are none. */
export interface Waiter {
  readonly pipelines: readonly string[];
  /** Nothing was ready at its last look. */
  readonly waiting: boolean;
  /** Jobs may be ready: look. */
  wake(): void;
  /** The database does not answer a question about jobs, or refuses it. */
  fail(error: Error): void;
}

/** An outage is told once in that time. */
const OUTAGE_TOLD_FOR_MS = 10_000;
/** A question that is refused (a right is missing, or its time is limited) will be refused again. */
const REFUSAL_TOLD_FOR_MS = 60_000;

/** All of a process that take jobs of one queue. */
export class Waiters {
  private readonly all = new Set<Waiter>();
  /** In milliseconds of `performance.now()`. */
  private answeredAt = -Infinity;
  /** Until then none is told. */
  private noOutageUntil = -Infinity;
  private noRefusalUntil = -Infinity;

  get any(): boolean {
    return this.all.size > 0;
  }

  /** The pipelines from which this process takes jobs. */
  get pipelines(): string[] {
    return pipelinesOf(this.all);
  }

  /** The pipelines whose jobs are waited for. */
  get waiting(): string[] {
    return pipelinesOf([...this.all].filter(({ waiting }) => waiting));
  }

  add(waiter: Waiter): void {
    this.all.add(waiter);
  }

  remove(waiter: Waiter): void {
    this.all.delete(waiter);
  }

  /** Jobs of that pipeline, or of any, may be ready. */
  wake(pipeline?: string): void {
    for (const waiter of this.all)
      if (pipeline === undefined || waiter.pipelines.includes(pipeline)) waiter.wake();
  }

  /**
   * A question about jobs has failed that was asked then, in milliseconds of `performance.now()`. It ends the waits, so
   * that it is told: an idle worker asks nothing else. While it goes on, only now and then, because other calls may be
   * answered as they should be.
   */
  fail(error: unknown, askedAt: number): void {
    const isOutage = error instanceof BackendUnavailableError;
    // Something else was answered since: it was one connection that broke.
    if (isOutage && askedAt < this.answeredAt) return;
    const now = performance.now();
    // There may be jobs all the same.
    if (now < (isOutage ? this.noOutageUntil : this.noRefusalUntil)) return this.wake();
    if (isOutage) this.noOutageUntil = now + OUTAGE_TOLD_FOR_MS;
    else this.noRefusalUntil = now + REFUSAL_TOLD_FOR_MS;
    for (const waiter of this.all) waiter.fail(error as Error);
  }

  /** The database has answered one of them. */
  answered(): void {
    this.answeredAt = performance.now();
  }
}

function pipelinesOf(waiters: Iterable<Waiter>): string[] {
  const pipelines = new Set<string>();
  for (const waiter of waiters) for (const name of waiter.pipelines) pipelines.add(name);
  return [...pipelines];
}
