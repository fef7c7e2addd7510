/**
 * Watches the oldest unanswered command, whatever is sent behind it. One timer, set again only when it fires too early:
 * so a reply costs no more than a look at the clock.
 */
export class AnswerDeadline {
  /** In milliseconds of `performance.now()`. */
  private due = Infinity;
  private timer: NodeJS.Timeout | undefined;
  private firesAt = 0;

  constructor(private readonly onMissed: () => void) {}

  /** The oldest command is a new one, or has made progress: it has that many milliseconds from now on. */
  restart(milliseconds: number): void {
    this.due = performance.now() + milliseconds;
    if (this.timer && this.firesAt <= this.due) return;
    clearTimeout(this.timer);
    this.arm(milliseconds);
  }

  /** Nothing is awaited. */
  rest(): void {
    this.due = Infinity;
  }

  stop(): void {
    this.rest();
    clearTimeout(this.timer);
  }

  private arm(milliseconds: number): void {
    this.firesAt = performance.now() + milliseconds;
    this.timer = setTimeout(() => this.fire(), milliseconds).unref();
  }

  private fire(): void {
    this.timer = undefined;
    if (this.due === Infinity) return;
    const left = this.due - performance.now();
    if (left > 0) return this.arm(left);
    // If the process itself stood still, the reply may lie in the socket: timers run first.
    setImmediate(() => {
      if (this.due <= performance.now()) this.onMissed();
      else if (!this.timer && this.due < Infinity) this.arm(this.due - performance.now());
    });
  }
}
