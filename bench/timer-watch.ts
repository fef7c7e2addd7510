import { now } from './clock';

const INTERVAL_MS = 10;

/** How late a timer of 10 ms is while the process works. */
export class TimerWatch {
  readonly lateness: number[] = [];
  private due = 0;
  private timer: NodeJS.Timeout | undefined;

  start(): void {
    this.due = now() + INTERVAL_MS;
    this.timer = setTimeout(() => {
      this.note();
      this.start();
    }, INTERVAL_MS);
  }

  /** One that has not come through until now is late, too. */
  stop(): void {
    clearTimeout(this.timer);
    this.note();
  }

  private note(): void {
    this.lateness.push(Math.max(0, now() - this.due));
  }
}
