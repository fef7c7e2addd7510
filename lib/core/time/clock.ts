/** What the worker takes its time from; a test brings one that it sets forward itself. */
export interface Clock {
  /** Milliseconds since some moment in the past. Never goes back. */
  now(): number;
}

/** The process's own, which no change of the system's time moves. */
export const steadyClock: Clock = { now: () => performance.now() };
