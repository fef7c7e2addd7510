import type { JobEvents } from '../../core/job-events';
import type { JobObserver } from './worker-plan';

/** Counts the jobs of all queues of a process. */
export class JobTally implements JobObserver {
  private started = 0;
  private ends = 0;
  private readonly listeners: (() => void)[] = [];

  watch(events: JobEvents): void {
    events.on('started', () => (this.started += 1));
    // Each job that has started meets one of these, and only one.
    for (const end of ['completed', 'retried', 'buried', 'lost'] as const) events.on(end, () => this.end());
  }

  get ended(): number {
    return this.ends;
  }

  get running(): number {
    return this.started - this.ends;
  }

  onEnd(listener: () => void): void {
    this.listeners.push(listener);
  }

  private end(): void {
    this.ends += 1;
    for (const listener of this.listeners) listener();
  }
}
