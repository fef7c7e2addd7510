/** Where the memory backend takes its time from; a test may bring one that it sets forward itself. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `callback` once, some `delay` milliseconds from now; what it returns calls it off. */
  schedule(callback: () => void, delay: number): () => void;
}

// setTimeout takes a signed 32-bit number of milliseconds (24.8 days) and fires at once for a greater one.
const LONGEST_TIMEOUT = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (callback, delay) => {
    const timer = setTimeout(callback, Math.min(delay, LONGEST_TIMEOUT));
    return () => clearTimeout(timer);
  },
};
