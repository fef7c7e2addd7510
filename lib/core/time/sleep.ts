import type { Seconds } from '../contract/job-data';
import { clearTimeout, setTimeout } from './timers';

/**
 * Resolves after that time, or as soon as the signal aborts. Uses a real timer: those of `AbortSignal.timeout()` do not
 * keep a process alive, and an idle worker would exit in the middle of a wait.
 */
export function sleep(duration: Seconds, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(end, Math.min(duration * 1000, MAX_TIMEOUT));
    signal?.addEventListener('abort', end, { once: true });
    function end(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    }
  });
}

/** Waits for the work, at most that long. Returns whether it has ended; rejects when the work does. */
export async function endsWithin(duration: Seconds, work: Promise<unknown>): Promise<boolean> {
  const ended = new AbortController();
  try {
    return await Promise.race([work.then(() => true), sleep(duration, ended.signal).then(() => false)]);
  } finally {
    ended.abort();
  }
}

/** In milliseconds: setTimeout fires at once for a longer time. */
export const MAX_TIMEOUT = 2_147_483_647;
