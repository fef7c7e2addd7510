import { type Context, propagation, ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';
import { headerOf } from '../core/context/headers';
import type { StoredJob } from '../core/contract/job-data';
import { TRACE } from '../core/telemetry/telemetry';

/** Beside an application's own context; telemetry never makes an add fail. */
const MOST_BYTES = 4096;

/** What the application's propagator writes of this context: with W3C's `traceparent`, `tracestate`, `baggage`. */
export function traceOf(context: Context): object | undefined {
  const carrier: Record<string, unknown> = {};
  propagation.inject(context, carrier);
  if (isTooLong(carrier)) delete carrier['baggage'];
  if (Object.keys(carrier).length === 0 || isTooLong(carrier)) return undefined;
  return carrier;
}

/** The context in which the job was added, with its span and its baggage; an empty one where nothing is known. */
export function contextOf(job: Pick<StoredJob, 'headers'>): Context {
  const carrier = headerOf(job, TRACE);
  if (typeof carrier !== 'object' || carrier === null) return ROOT_CONTEXT;
  return propagation.extract(ROOT_CONTEXT, carrier);
}

/** The span that added the job. */
export function creatorOf(context: Context): SpanContext | undefined {
  const creator = trace.getSpanContext(context);
  return creator && trace.isSpanContextValid(creator) ? creator : undefined;
}

function isTooLong(carrier: object): boolean {
  return Buffer.byteLength(JSON.stringify(carrier)) > MOST_BYTES;
}
