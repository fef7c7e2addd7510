import type { Clock } from '../backends/memory/clock';
import type { Seconds } from '../core/contract/job-data';

interface Alarm {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is set forward. It begins at the system's time. */
export class TestClock implements Clock {
  private time = Date.now();
  private readonly alarms = new Set<Alarm>();

  now(): number {
    return this.time;
  }

  schedule(callback: () => void, delay: number): () => void {
    const alarm = { at: this.time + delay, callback };
    this.alarms.add(alarm);
    return () => this.alarms.delete(alarm);
  }

  /** Everything that is due until then happens, in its order. */
  advance(duration: Seconds): void {
    const end = this.time + Math.ceil(duration * 1000);
    for (let next = this.next(end); next; next = this.next(end)) {
      this.alarms.delete(next);
      this.time = Math.max(this.time, next.at);
      next.callback();
    }
    this.time = end;
  }

  private next(until: number): Alarm | undefined {
    const due = [...this.alarms].filter(({ at }) => at <= until);
    return due.sort((one, other) => one.at - other.at)[0];
  }
}
