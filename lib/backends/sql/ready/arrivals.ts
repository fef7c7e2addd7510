import type { Arrival } from '../puts/put-results';
import type { Readiness } from './readiness';

/** Calls for the pipelines in which jobs are ready now, and looks again when the first one of the others is due. */
export function tell(
  readiness: Readiness,
  arrivals: readonly Arrival[],
  ofReady: (readiness: Readiness, pipelines: readonly string[]) => void,
): void {
  const ready = new Set<string>();
  let delay = Infinity;
  for (const arrival of arrivals) {
    if (arrival.delay > 0) delay = Math.min(delay, arrival.delay);
    else ready.add(arrival.pipeline);
  }
  if (ready.size > 0) ofReady(readiness, [...ready]);
  if (delay < Infinity) readiness.expect(delay);
}
