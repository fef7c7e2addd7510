import type { Clock } from '../backends/memory/clock';
import type { Seconds } from '../core/contract/job-data';

interface Alarm {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is moved forward. */
export class TestClock implements Clock {
  private readonly alarms = new Set<Alarm>();

  constructor(
    /** Milliseconds since 1970. */
    private time = Date.now(),
  ) {}

  now(): number {
    return this.time;
  }

  schedule(callback: () => void, delay: number): () => void {
    const alarm = { at: this.time + delay, callback };
    this.alarms.add(alarm);
    return () => this.alarms.delete(alarm);
  }

  advance(duration: Seconds): void {
    this.advanceTo(this.time + Math.ceil(duration * 1000));
  }

  /** Everything that is due by then happens, in order. */
  advanceTo(end: number): void {
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
