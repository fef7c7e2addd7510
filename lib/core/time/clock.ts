/** The worker's clock; a test passes one that it moves forward itself. */
export interface Clock {
  /** Milliseconds since some moment in the past. Never goes back. */
  now(): number;
}

/** The process's own, which changes of the system's time do not move. */
export const steadyClock: Clock = { now: () => performance.now() };
