/** The memory backend's clock; a test may pass one that it moves forward itself. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `callback` once, `delay` milliseconds from now. Returns a function that cancels the call. */
  schedule(callback: () => void, delay: number): () => void;
}

// setTimeout takes a signed 32-bit number of milliseconds (24.8 days) and fires at once for a larger one.
const LONGEST_TIMEOUT = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (callback, delay) => {
    const timer = setTimeout(callback, Math.min(delay, LONGEST_TIMEOUT));
    return () => clearTimeout(timer);
  },
};
