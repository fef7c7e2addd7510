/** For how long handlers may start in one macrotask, in milliseconds. */
const LONGEST_MS = 1;

/**
 * With quick handlers and jobs ahead, all of them would run in one go, the backend idle meanwhile and timers and
 * signals late. So they start in slices, and what has ended goes to the backend between two of them: the longer a
 * slice, the fewer commits; by time and not by number, because handlers that compute take as long as they take.
 */
export class Slice {
  private began: number | undefined;

  get used(): boolean {
    return this.began !== undefined;
  }

  get full(): boolean {
    return this.began !== undefined && performance.now() - this.began >= LONGEST_MS;
  }

  /** One more handler starts. */
  start(): void {
    this.began ??= performance.now();
  }

  renew(): void {
    this.began = undefined;
  }
}
