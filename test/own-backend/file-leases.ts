import { randomUUID } from 'node:crypto';
import {
  BackendClosedError,
  type Leased,
  type Leases,
  type Seconds,
  type Settled,
  type Settlement,
} from 'nestjs-simple-job-queue';
import type { JobFolder } from './job-folder';
import { comesBefore, delayed, type JobRecord, leased, ready, reserved } from './stored-job';

export class FileLeases implements Leases {
  readonly returns = true;
  readonly plans = true;
  /** The token of each lease, by the very object that was handed out. */
  private readonly held = new Map<Leased, string>();
  private closed = false;

  constructor(
    private readonly folder: JobFolder,
    private readonly pipelines: readonly string[],
  ) {}

  async reserve(limit: number, wait: Seconds, signal: AbortSignal, looking?: () => void): Promise<Leased[]> {
    this.refuseWhenClosed();
    const end = Date.now() + wait * 1000;
    for (;;) {
      looking?.();
      const jobs = this.closed ? [] : this.take(limit);
      const over = jobs.length > 0 || limit === 0 || this.closed || signal.aborted || Date.now() >= end;
      if (over) return jobs;
      await this.folder.change(Math.min(end, this.folder.nextDue(this.pipelines)), signal);
    }
  }

  async settle(ends: readonly Settlement[], next: number): Promise<Settled> {
    this.refuseWhenClosed();
    const lost = ends.filter((end) => !this.end(end)).map(({ job }) => job);
    return { lost, next: this.take(next) };
  }

  async renew(jobs: readonly Leased[]): Promise<Leased[]> {
    this.refuseWhenClosed();
    return jobs.filter((lease) => {
      const job = this.ours(lease);
      if (job) this.folder.keep(reserved(job, job.token!));
      return !job;
    });
  }

  async giveBack(jobs: readonly Leased[]): Promise<void> {
    for (const lease of jobs) {
      const job = this.ours(lease);
      try {
        if (job) this.folder.keep(ready(job));
        this.held.delete(lease);
      } catch {
        // The disk is full: the lease runs out by itself.
      }
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.giveBack([...this.held.keys()]);
    this.folder.wake();
  }

  private take(limit: number): Leased[] {
    return this.pipelines
      .filter((pipeline) => this.folder.pausedFor(pipeline) === 0)
      .flatMap((pipeline) => this.folder.in('ready', pipeline))
      .sort(comesBefore('ready'))
      .slice(0, limit)
      .map((job) => {
        const token = randomUUID();
        this.folder.keep(reserved(job, token));
        const lease = leased(job);
        this.held.set(lease, token);
        return lease;
      });
  }

  /** False when the job was lost. */
  private end(settlement: Settlement): boolean {
    const job = this.ours(settlement.job);
    if (!job) return false;
    const { attempts, priority } = job;
    switch (settlement.outcome) {
      case 'delete':
        this.folder.remove(job);
        break;
      case 'release': {
        const released = ready(job, {
          attempts: attempts + (settlement.planned ? 0 : 1),
          priority: settlement.priority ?? priority,
        });
        this.folder.keep(delayed(released, settlement.delay));
        break;
      }
      case 'bury':
        this.folder.keep(
          ready(job, {
            state: 'buried',
            burial: this.folder.nextBurial(),
            attempts: attempts + 1,
            priority: settlement.priority ?? priority,
            reason: settlement.reason,
          }),
        );
        break;
    }
    this.held.delete(settlement.job);
    return true;
  }

  /** The job, as long as this very lease of it holds. */
  private ours(lease: Leased): JobRecord | undefined {
    const token = this.held.get(lease);
    const job = this.folder.find(lease.id);
    if (token !== undefined && job?.token === token) return job;
    this.held.delete(lease);
    return undefined;
  }

  private refuseWhenClosed(): void {
    if (this.closed) throw new BackendClosedError('files');
  }
}
