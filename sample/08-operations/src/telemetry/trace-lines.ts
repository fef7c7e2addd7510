import { type HrTime, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';

/** Prints a line for each span. A collector's exporter stands here in a real application. */
export class TraceLines implements SpanExporter {
  /** Ids are long; these are told apart by a number. */
  private readonly traces: string[] = [];

  export(spans: ReadableSpan[], done: (result: { code: number }) => void): void {
    for (const span of spans.toSorted((one, other) => moment(one.startTime) - moment(other.startTime)))
      console.log(`  trace ${this.numberOf(span)}: ${span.name}${failureOf(span)}`);
    done({ code: 0 });
  }

  async shutdown(): Promise<void> {}

  private numberOf(span: ReadableSpan): number {
    const { traceId } = span.spanContext();
    if (!this.traces.includes(traceId)) this.traces.push(traceId);
    return this.traces.indexOf(traceId) + 1;
  }
}

function moment([seconds, nanoseconds]: HrTime): number {
  return seconds * 1e9 + nanoseconds;
}

function failureOf({ status, attributes }: ReadableSpan): string {
  return status.code === SpanStatusCode.ERROR ? `, failed: ${String(attributes['error.type'])}` : '';
}
