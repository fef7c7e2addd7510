import { arrivalTimes } from './mail-folder';
import type { Outcome } from './outcomes';

/** How fast those e-mails went that had to wait for nothing: no delay, no second attempt. */
export interface Rate {
  readonly jobs: number;
  /** From the first arrival to the last. */
  readonly seconds: number;
  readonly jobsPerSecond: number;
}

/** `undefined` when too few arrived to tell. */
export function rateOf(outcomes: readonly Outcome[]): Rate | undefined {
  const prompt = outcomes.filter(({ kind }) => kind === 'urgent' || kind === 'ordinary');
  const arrivals = arrivalTimes(prompt.flatMap(({ delivered }) => delivered));
  const [first = 0, last = 0] = [arrivals[0], arrivals.at(-1)];
  if (first === last) return undefined;
  const seconds = (last - first) / 1000;
  return { jobs: arrivals.length, seconds, jobsPerSecond: Math.round(arrivals.length / seconds) };
}
