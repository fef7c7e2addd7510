import { BackendClosedError } from '../contract/errors';
import type { Seconds } from '../contract/job-data';
import type { EndEvent, Events } from '../contract/ports/events';
import { isUnavailable } from '../process/health';
import { sleep } from '../time/sleep';

/** How many events are read at once. */
const PAGE = 100;
/** Between two looks: soon after an event, then ever more rarely. */
const SHORTEST: Seconds = 0.02;
const LONGEST: Seconds = 1;
const GROWTH = 1.5;
/** Until the next try while the backend does not answer. */
const OUTAGE: Seconds = 1;

/**
 * The events of a pipeline after that number, and those to come. It ends when the signal aborts or the backend is
 * closed; while the backend does not answer it waits.
 */
export async function* eventStream(
  events: Pick<Events, 'read'>,
  pipeline: string,
  start: () => Promise<number>,
  signal: AbortSignal,
): AsyncGenerator<EndEvent, void, void> {
  let after: number | undefined;
  let pause = SHORTEST;
  while (!signal.aborted) {
    let page: readonly EndEvent[] = [];
    try {
      after ??= await start();
      page = await events.read(pipeline, after, PAGE);
      pause = page.length > 0 ? SHORTEST : Math.min(LONGEST, pause * GROWTH);
    } catch (error) {
      if (error instanceof BackendClosedError) return;
      if (!isUnavailable(error)) throw error;
      pause = OUTAGE;
    }
    for (const event of page) {
      if (signal.aborted) return;
      yield event;
      after = event.number;
    }
    if (page.length < PAGE) await sleep(pause, signal);
  }
}
