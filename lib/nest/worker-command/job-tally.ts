import type { Leased } from '../../core/contract/job-data';
import type { JobEvents } from '../../core/policy/job-events';
import type { JobObserver } from './worker-plan';

/** Counts the jobs of all queues of a process. */
export class JobTally implements JobObserver {
  /** The jobs that run. A renewal may report a loss after the end was reported. */
  private readonly under = new Set<Leased>();
  private ends = 0;
  private readonly listeners: (() => void)[] = [];

  watch(events: JobEvents): void {
    events.on('started', ({ job }) => this.under.add(job));
    for (const end of ['completed', 'retried', 'buried', 'lost', 'cancelled'] as const) {
      events.on(end, ({ job }) => this.end(job));
    }
  }

  get ended(): number {
    return this.ends;
  }

  get running(): number {
    return this.under.size;
  }

  onEnd(listener: () => void): void {
    this.listeners.push(listener);
  }

  private end(job: Leased): void {
    if (!this.under.delete(job)) return;
    this.ends += 1;
    for (const listener of this.listeners) listener();
  }
}
