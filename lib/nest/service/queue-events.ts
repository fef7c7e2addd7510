import { isInstance } from '../../core/checks/brand';
import { checkedOptions, type OptionNames } from '../../core/checks/options';
import type { QueueBackend } from '../../core/contract/backend';
import { mustBe } from '../../core/contract/errors';
import { feature } from '../../core/contract/features';
import type { EndedJob } from '../../core/contract/ports/history';
import { eventStream } from '../../core/events/event-stream';
import type { KeptJob } from '../../core/reading/kept-job';
import type { EventsOptions } from '../options/service.options';

/** The end of a kept job. */
export interface QueueEvent<P = unknown, R = unknown> {
  /** Its place among the events of the pipeline. A reader that gives it as `after` goes on behind it. */
  readonly cursor: string;
  readonly job: KeptJob<P, R>;
}

const EVENTS_OPTIONS: OptionNames<EventsOptions> = { after: true, signal: true };

/** Checks at once; the place of 'newest' is that of the call, and not of the first look. */
export function eventsOf(
  backend: QueueBackend,
  pipeline: string,
  given: EventsOptions,
  read: (job: EndedJob) => Promise<KeptJob>,
): AsyncGenerator<QueueEvent, void, void> {
  const options = checkedOptions(given, EVENTS_OPTIONS);
  const after = checkedAfter(options.after === undefined ? 'newest' : options.after);
  const signal = checkedSignal(options.signal === undefined ? new AbortController().signal : options.signal);
  const port = feature(backend, 'events');
  const asked = async (): Promise<number> => {
    if (typeof after === 'number') return after;
    const { before, last } = await port.range(pipeline);
    return after === 'oldest' ? before : last;
  };
  let first: Promise<number> | undefined = asked();
  first.catch(() => undefined);
  const start = (): Promise<number> => {
    const place = first ?? asked();
    first = undefined;
    return place;
  };
  return told(eventStream(port, pipeline, start, signal), read);
}

async function* told(
  events: ReturnType<typeof eventStream>,
  read: (job: EndedJob) => Promise<KeptJob>,
): AsyncGenerator<QueueEvent, void, void> {
  for await (const { number, job } of events) yield { cursor: String(number), job: await read(job) };
}

function checkedAfter(after: string): 'oldest' | 'newest' | number {
  if (after === 'oldest' || after === 'newest') return after;
  if (typeof after !== 'string' || !/^\d{1,15}$/.test(after))
    throw mustBe('after', `the cursor of an event, 'oldest' or 'newest'`, after);
  return Number(after);
}

function checkedSignal(signal: AbortSignal): AbortSignal {
  if (!isInstance(signal, AbortSignal)) throw mustBe('signal', 'an AbortSignal', signal);
  return signal;
}
