import { BackendClosedError } from '../../core/contract/errors';
import type { Leased, Seconds } from '../../core/contract/job-data';
import type { Leases, LoneRuns, LostListener, Settled, Settlement } from '../../core/contract/leases';
import type { JournalEntry } from '../../core/contract/ports/journal';
import type { MemoryJob } from './memory-job';
import type { MemoryStore } from './memory-store';
import { note } from './ports/memory-journal';
import { withFailure } from './ports/memory-kept';

export class MemoryLeases implements Leases {
  readonly returns = true;
  readonly plans = true;
  readonly loneRuns: LoneRuns = {
    begin: async (lease) => {
      const job = this.stillOurs(lease);
      if (job) this.store.pipeline(job.pipeline).beginAlone(job);
      return job !== undefined;
    },
    lost: async ({ id }) => this.store.find(id)?.lostAlone ?? false,
  };
  private readonly held = new Map<Leased, MemoryJob>();
  private closed = false;

  constructor(
    private readonly store: MemoryStore,
    private readonly pipelines: readonly string[],
    private readonly onLost?: LostListener,
  ) {}

  async reserve(limit: number, wait: Seconds, signal: AbortSignal, looking?: () => void): Promise<Leased[]> {
    this.refuseWhenClosed();
    const { clock } = this.store;
    const end = clock.now() + wait * 1000;
    looking?.();
    let jobs = this.take(limit);
    while (limit > 0 && jobs.length === 0 && clock.now() < end && !signal.aborted && !this.closed) {
      const nextDue = Math.min(...this.pipelines.map((name) => this.store.pipeline(name).nextDue));
      await this.store.sleep(Math.min(end, nextDue, this.store.nextSlot), signal);
      looking?.();
      if (!this.closed) jobs = this.take(limit);
    }
    await this.store.breathe();
    return jobs;
  }

  async settle(ends: readonly Settlement[], next: number): Promise<Settled> {
    this.refuseWhenClosed();
    const lost = ends.filter((end) => !this.end(end)).map(({ job }) => job);
    const jobs = this.take(next);
    if (ends.length > 0) this.store.wake();
    await this.store.breathe();
    return { lost, next: jobs };
  }

  async renew(jobs: readonly Leased[]): Promise<Leased[]> {
    this.refuseWhenClosed();
    return jobs.filter((lease) => {
      const job = this.stillOurs(lease);
      if (job) this.store.pipeline(job.pipeline).touch(job);
      return !job;
    });
  }

  async note(entries: readonly JournalEntry[]): Promise<Leased[]> {
    this.refuseWhenClosed();
    const now = this.store.clock.now();
    return entries.flatMap(({ job: lease, progress, lines }) => {
      const job = this.stillOurs(lease);
      if (!job) return [lease];
      note(job, { attempt: lease.attempt, now, progress, lines });
      return [];
    });
  }

  async giveBack(jobs: readonly Leased[]): Promise<void> {
    for (const lease of jobs) {
      const job = this.stillOurs(lease);
      this.held.delete(lease);
      if (job) this.store.pipeline(job.pipeline).giveBack(job);
    }
    this.store.wake();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.giveBack([...this.held.keys()]);
  }

  /** False when the job was no longer ours. */
  private end(settlement: Settlement): boolean {
    const job = this.stillOurs(settlement.job);
    this.held.delete(settlement.job);
    if (!job) return false;
    const pipeline = this.store.pipeline(job.pipeline);
    switch (settlement.outcome) {
      case 'delete':
        if (settlement.keep) this.store.kept.add(job, 'completed', settlement.keep);
        this.store.delete(job);
        break;
      case 'release':
        if (!settlement.planned) this.endAttempt(job, settlement);
        pipeline.release(job, settlement.delay, settlement.priority ?? job.priority);
        break;
      case 'bury':
        this.endAttempt(job, settlement);
        pipeline.bury(job, settlement.reason, settlement.priority ?? job.priority);
        break;
    }
    return true;
  }

  private endAttempt(job: MemoryJob, failure: { readonly reason?: string; readonly ran?: Seconds }): void {
    job.failures = withFailure(job, this.store.clock.now(), failure);
    job.attempts += 1;
  }

  private stillOurs(lease: Leased): MemoryJob | undefined {
    const job = this.held.get(lease);
    // Looked up again: since it was leased, its ttr may have ended, and another worker may have it.
    return job && this.store.find(job.id)?.lease === lease ? job : undefined;
  }

  private take(limit: number): Leased[] {
    this.store.fire();
    const leased: Leased[] = [];
    for (let job = this.next(); job && leased.length < limit; job = this.next()) {
      const lease = this.store.pipeline(job.pipeline).reserve(job);
      job.holder = this.onLost;
      this.held.set(lease, job);
      leased.push(lease);
    }
    return leased;
  }

  /** The most urgent job of all the pipelines, equal ones oldest first. */
  private next(): MemoryJob | undefined {
    return this.pipelines
      .flatMap((name) => this.store.pipeline(name).next ?? [])
      .sort((one, other) => one.priority - other.priority || one.age - other.age)[0];
  }

  private refuseWhenClosed(): void {
    if (this.closed) throw new BackendClosedError('memory');
  }
}
