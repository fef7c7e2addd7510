import { EventsGoneError } from '../contract/end-errors';
import { InvalidJobOptionError } from '../contract/errors';
import type { EndEvent } from '../contract/ports/events';

/**
 * Those of the events that follow that number without a gap; `last` is the pipeline's last number.
 *
 * @throws {EventsGoneError} when the first one does not
 * @throws {InvalidJobOptionError} for a number that the pipeline has never had
 */
export function withoutGap(
  pipeline: string,
  after: number,
  last: number,
  events: readonly EndEvent[],
): EndEvent[] {
  if (after > last) {
    throw new InvalidJobOptionError(
      `The events of ${pipeline} end with ${last}, and are asked for after ${after}: that is the cursor of another pipeline, or of a database from before a restored backup. Read from 'oldest' or 'newest'.`,
    );
  }
  const gap = events.findIndex(({ number }, index) => number !== after + 1 + index);
  if (gap === 0 || (events.length === 0 && after < last)) {
    throw new EventsGoneError(pipeline, String(after), String((events[0]?.number ?? last + 1) - 1));
  }
  return gap === -1 ? [...events] : events.slice(0, gap);
}
