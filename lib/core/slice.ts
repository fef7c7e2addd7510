/** How many handlers may start in one macrotask. */
const MOST_STARTS = 100;

/**
 * With quick handlers and jobs ahead, all of them would run in one go, the backend idle meanwhile and timers and
 * signals late. So they start in slices, and what has ended goes to the backend between two of them.
 */
export class Slice {
  private left = MOST_STARTS;

  get used(): boolean {
    return this.left < MOST_STARTS;
  }

  get full(): boolean {
    return this.left === 0;
  }

  /** One more handler starts. */
  start(): void {
    this.left -= 1;
  }

  renew(): void {
    this.left = MOST_STARTS;
  }
}
