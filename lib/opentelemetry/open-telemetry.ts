import {
  type Attributes,
  context,
  type Context,
  type Counter,
  type Histogram,
  type Link,
  type Meter,
  type MeterProvider,
  metrics,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { checkedBoolean } from '../core/checks/checks';
import { checkedOptions } from '../core/checks/options';
import { errorNameOf, lineOf } from '../core/checks/text';
import { JobQueueError, mustBe } from '../core/contract/errors';
import type { Leased, PutResult } from '../core/contract/job-data';
import type { Settled, Settlement } from '../core/contract/leases';
import type { Adding, ObservedQueue, Processed, Telemetry } from '../core/telemetry/telemetry';
import * as names from './names';
import { QueueGauges } from './queue-gauges';
import { contextOf, creatorOf, traceOf } from './trace-header';

export interface OpenTelemetryOptions {
  /** @default the provider that the application has registered */
  readonly tracerProvider?: TracerProvider;
  /** @default the provider that the application has registered */
  readonly meterProvider?: MeterProvider;
  /**
   * How the run of a job belongs to what added it: `'link'` is a trace of its own that has a link to it, `'parent'` one
   * trace for both, which lasts as long as the job waits.
   *
   * @default 'link'
   */
  readonly process?: 'link' | 'parent';
  /** Read jobs by state whenever metrics are collected: one or two small statements for each pipeline. @default true */
  readonly gauges?: boolean;
}

const LIBRARY = 'nestjs-simple-job-queue';
/** Those of the conventions, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** The SDK keeps as many of a span. */
const MOST_LINKS = 128;

/**
 * Traces and metrics of a queue by OpenTelemetry's conventions for messaging. Spans: `send mails` around an add,
 * `process mails` around a run, `settle mails` around the call that ends leases; none for a look that finds nothing.
 *
 * @example
 * JobQueueModule.forRoot({ backend: typeOrmBackend(), telemetry: openTelemetry() })
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Telemetry {
  const said = checkedOptions(options, {
    tracerProvider: true,
    meterProvider: true,
    process: true,
    gauges: true,
  });
  const { tracerProvider = trace, meterProvider = metrics, process = 'link', gauges = true } = said;
  if (process !== 'link' && process !== 'parent') throw mustBe('process', "'link' or 'parent'", process);
  checkedBoolean('gauges', gauges);
  return new OpenTelemetry(
    tracerProvider.getTracer(LIBRARY),
    meterProvider.getMeter(LIBRARY),
    process,
    gauges,
  );
}

class OpenTelemetry implements Telemetry {
  private readonly sent: Counter;
  private readonly consumed: Counter;
  private readonly operationDuration: Histogram;
  private readonly processDuration: Histogram;
  /** Where each job's run is, or was. */
  private readonly runs = new WeakMap<Leased, Context>();

  constructor(
    private readonly tracer: Tracer,
    private readonly meter: Meter,
    private readonly relation: 'link' | 'parent',
    private readonly gauges: boolean,
  ) {
    const seconds = { unit: 's', advice: { explicitBucketBoundaries: BUCKETS } };
    this.sent = meter.createCounter(names.SENT, { unit: '{message}' });
    this.consumed = meter.createCounter(names.CONSUMED, { unit: '{message}' });
    this.operationDuration = meter.createHistogram(names.OPERATION_DURATION, seconds);
    this.processDuration = meter.createHistogram(names.PROCESS_DURATION, seconds);
  }

  observe(queue: ObservedQueue): () => void {
    return this.gauges ? new QueueGauges(this.meter, queue).start() : () => undefined;
  }

  carried(): object | undefined {
    return traceOf(context.active());
  }

  async send(
    { pipeline, count, backend }: Adding,
    put: (trace: object | undefined) => Promise<readonly PutResult[]>,
  ): Promise<readonly PutResult[]> {
    const attributes = attributesOf('send', backend, pipeline);
    const span = this.tracer.startSpan(`send ${pipeline}`, {
      kind: SpanKind.PRODUCER,
      attributes: { ...attributes, [names.OPERATION_TYPE]: 'send', ...batch(count) },
    });
    const own = trace.setSpan(context.active(), span);
    return this.told(span, attributes, this.operationDuration, async (failed) => {
      try {
        const results = await context.with(own, () => put(traceOf(own)));
        if (results.length === 1) span.setAttribute(names.MESSAGE_ID, results[0]!.id);
        this.sent.add(count, attributes);
        return results;
      } catch (error) {
        this.sent.add(count, { ...attributes, ...failed(error) });
        throw error;
      }
    });
  }

  async process<R extends Processed>(job: Leased, backend: string, work: () => Promise<R>): Promise<R> {
    const { id, pipeline, attempt } = job;
    const attributes = attributesOf('process', backend, pipeline);
    const origin = contextOf(job);
    const creator = creatorOf(origin);
    const links: Link[] = creator && this.relation === 'link' ? [{ context: creator }] : [];
    const span = this.tracer.startSpan(
      `process ${pipeline}`,
      {
        kind: SpanKind.CONSUMER,
        root: this.relation === 'link',
        links,
        attributes: {
          ...attributes,
          [names.OPERATION_TYPE]: 'process',
          [names.MESSAGE_ID]: id,
          [names.ATTEMPT]: attempt,
        },
      },
      origin,
    );
    const own = trace.setSpan(origin, span);
    this.runs.set(job, own);
    this.consumed.add(1, attributes);
    return this.told(span, attributes, this.processDuration, async (failed) => {
      const run = await context.with(own, work);
      const { outcome, planned } = run.outcome;
      span.setAttribute(names.OUTCOME, outcome);
      if (run.error !== undefined && !planned) failed(run.error);
      else if (outcome === 'bury') failed('buried');
      return run;
    });
  }

  async settle(ends: readonly Settlement[], backend: string, work: () => Promise<Settled>): Promise<Settled> {
    const pipeline = ends[0]!.job.pipeline;
    const attributes = attributesOf('settle', backend, pipeline);
    const runs = ends.flatMap(({ job }) => this.runs.get(job) ?? []);
    const alone = ends.length === 1 ? runs[0] : undefined;
    const links = runs.slice(0, MOST_LINKS).flatMap((run) => {
      const spanContext = trace.getSpanContext(run);
      return spanContext ? [{ context: spanContext }] : [];
    });
    const span = this.tracer.startSpan(
      `settle ${pipeline}`,
      {
        kind: SpanKind.CLIENT,
        root: alone === undefined,
        links: alone ? [] : links,
        attributes: {
          ...attributes,
          [names.OPERATION_TYPE]: 'settle',
          ...batch(ends.length),
          ...(ends.length === 1 && {
            [names.MESSAGE_ID]: ends[0]!.job.id,
            [names.OUTCOME]: ends[0]!.outcome,
          }),
        },
      },
      alone ?? ROOT_CONTEXT,
    );
    return this.told(span, attributes, this.operationDuration, async (failed) => {
      try {
        return await context.with(trace.setSpan(alone ?? ROOT_CONTEXT, span), work);
      } catch (error) {
        failed(error);
        throw error;
      }
    });
  }

  within(job: Leased, work: () => unknown): unknown {
    return context.with(this.runs.get(job) ?? contextOf(job), work);
  }

  /** Ends the span with the work, and records how long it took. */
  private async told<T>(
    span: Span,
    attributes: Attributes,
    duration: Histogram,
    work: (failed: (error: unknown) => Attributes) => Promise<T>,
  ): Promise<T> {
    const startedAt = performance.now();
    let measured = attributes;
    const failed = (error: unknown): Attributes => {
      const type = { [names.ERROR_TYPE]: typeOf(error) };
      measured = { ...attributes, ...type };
      span.setAttributes(type);
      span.setStatus({ code: SpanStatusCode.ERROR, message: lineOf(error) });
      if (error instanceof Error) span.recordException(error);
      return type;
    };
    try {
      return await work(failed);
    } finally {
      span.end();
      duration.record((performance.now() - startedAt) / 1000, measured);
    }
  }
}

function attributesOf(operation: string, backend: string, pipeline: string): Attributes {
  return {
    [names.SYSTEM]: names.systemOf(backend),
    [names.DESTINATION]: pipeline,
    [names.OPERATION]: operation,
  };
}

function batch(count: number): Attributes {
  return count > 1 ? { [names.BATCH_COUNT]: count } : {};
}

function typeOf(error: unknown): string {
  if (typeof error === 'string') return error;
  return error instanceof JobQueueError ? error.code : errorNameOf(error);
}
