import { milliseconds } from '../../../core/checks/checks';
import type { Seconds } from '../../../core/contract/job-data';
import { MAX_MOMENT } from '../layouts/job-table';

/**
 * When a pause without an end is over, in milliseconds since 1970: the last moment that a Date can be. A moment like any
 * other for every claim, of workers of layout 1 too.
 */
export const FOR_EVER = MAX_MOMENT;

export interface PauseRow {
  readonly paused_until: number | string;
  /** Milliseconds from now. */
  readonly left_ms: number | string;
}

/** What is added to the server's time; a statement takes `FOR_EVER` where the sum is later. */
export function pauseMilliseconds(duration: Seconds): number {
  return Math.min(milliseconds(duration), FOR_EVER);
}

export function leftOf({ paused_until, left_ms }: PauseRow): Seconds {
  if (Number(paused_until) >= FOR_EVER) return Infinity;
  return Math.max(0, Number(left_ms) / 1000);
}
