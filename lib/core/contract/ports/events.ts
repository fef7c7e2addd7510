import type { EndedJob } from './history';

/** The end of a kept job, and its number among those of its pipeline. */
export interface EndEvent {
  readonly number: number;
  readonly job: EndedJob;
}

/** The events of a pipeline that can be read now: those with a number above `before`, up to `last`. */
export interface EventRange {
  readonly before: number;
  readonly last: number;
}

/**
 * The ends of kept jobs, in an order that all readers see alike (SQL and memory). Each end has a number, given when
 * somebody reads or removes it: the events of a pipeline have consecutive ones, and an event whose number is known is
 * followed by none that has a smaller one, in whatever order transactions commit. So a reader that remembers the last
 * number goes on without loss, and notices where events that it has not read are gone.
 */
export interface Events {
  /** Numbers what has ended until now. Of a pipeline without events, both are the number of the last one ever. */
  range(pipeline: string): Promise<EventRange>;
  /**
   * Up to `limit` events after that one, in their order; `[]` when there is none yet.
   *
   * @throws {EventsGoneError} when the next one is no longer kept
   * @throws {InvalidJobOptionError} when the pipeline has never had that number
   */
  read(pipeline: string, after: number, limit: number): Promise<EndEvent[]>;
}
