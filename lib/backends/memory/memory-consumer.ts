import type {
  Consumer,
  ExchangeAnswer,
  ExchangeRequest,
  Returner,
  Settlement,
} from '../../core/contract/backend';
import { BackendClosedError } from '../../core/contract/errors';
import type { ReservedJob } from '../../core/contract/job-data';
import type { MemoryJob } from './memory-job';
import type { MemoryStore } from './memory-store';

export class MemoryConsumer implements Consumer, Returner {
  private readonly held = new Map<ReservedJob, MemoryJob>();
  private closed = false;

  constructor(
    private readonly store: MemoryStore,
    private readonly pipelines: readonly string[],
  ) {}

  async exchange({ settle, reserve, wait, signal }: ExchangeRequest): Promise<ExchangeAnswer> {
    this.refuseWhenClosed();
    const lost = settle.filter((settlement) => !this.settle(settlement)).map(({ job }) => job);
    let reserved = this.reserve(reserve);
    if (settle.length > 0) this.store.wake();
    else if (reserve > 0 && reserved.length === 0) reserved = await this.waitFor(reserve, wait, signal);
    await this.store.breathe();
    return { lost, reserved };
  }

  async touch(jobs: readonly ReservedJob[]): Promise<ReservedJob[]> {
    this.refuseWhenClosed();
    return jobs.filter((claim) => {
      const job = this.stillOurs(claim);
      if (job) this.store.pipeline(job.pipeline).touch(job);
      return !job;
    });
  }

  async giveBack(jobs: readonly ReservedJob[]): Promise<void> {
    for (const claim of jobs) {
      const job = this.stillOurs(claim);
      this.held.delete(claim);
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
  private settle(settlement: Settlement): boolean {
    const job = this.stillOurs(settlement.job);
    this.held.delete(settlement.job);
    if (!job) return false;
    const pipeline = this.store.pipeline(job.pipeline);
    switch (settlement.outcome) {
      case 'delete':
        this.store.delete(job);
        break;
      case 'release':
        pipeline.release(job, settlement.delay, settlement.priority ?? job.priority);
        break;
      case 'bury':
        pipeline.bury(job, settlement.reason, settlement.priority ?? job.priority);
        break;
    }
    return true;
  }

  private stillOurs(claim: ReservedJob): MemoryJob | undefined {
    const job = this.held.get(claim);
    // Looked up anew: time may have taken it away, or given it to somebody else, since it was claimed.
    return job && this.store.find(job.id)?.claim === claim ? job : undefined;
  }

  private async waitFor(limit: number, seconds: number, signal: AbortSignal): Promise<ReservedJob[]> {
    const { clock } = this.store;
    const end = clock.now() + seconds * 1000;
    let reserved: ReservedJob[] = [];
    while (reserved.length === 0 && clock.now() < end && !signal.aborted && !this.closed) {
      const nextDue = Math.min(...this.pipelines.map((name) => this.store.pipeline(name).nextDue));
      await this.store.sleep(Math.min(end, nextDue), signal);
      if (!this.closed) reserved = this.reserve(limit);
    }
    return reserved;
  }

  private reserve(limit: number): ReservedJob[] {
    const reserved: ReservedJob[] = [];
    for (let job = this.next(); job && reserved.length < limit; job = this.next()) {
      const claim = this.store.pipeline(job.pipeline).reserve(job);
      this.held.set(claim, job);
      reserved.push(claim);
    }
    return reserved;
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
