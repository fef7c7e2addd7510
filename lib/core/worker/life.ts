/** What a worker does: it takes jobs; it only ends those that it has; it waits for no handler any longer. */
export type Phase = 'working' | 'stopping' | 'giving up';

/** A worker's way from its start to its end. It never goes back. */
export class Life {
  // A field: it is read for every job, and reading a signal takes much longer.
  private now: Phase = 'working';
  private readonly stops = new AbortController();
  private readonly givesUp = new AbortController();

  get phase(): Phase {
    return this.now;
  }

  /** Aborted when it takes no more jobs. */
  readonly stopping: AbortSignal = this.stops.signal;
  /** Aborted when it waits for no handler any longer. */
  readonly givingUp: AbortSignal = this.givesUp.signal;

  stop(): void {
    if (this.now !== 'working') return;
    this.now = 'stopping';
    this.stops.abort();
  }

  giveUp(): void {
    this.stop();
    this.now = 'giving up';
    this.givesUp.abort();
  }
}
