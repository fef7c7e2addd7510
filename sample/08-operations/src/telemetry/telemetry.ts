import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { TraceLines } from './trace-lines';

/** Without a server of its own: the application answers to `/metrics`. */
export const prometheus = new PrometheusExporter({ preventServerStart: true });

export const tracing = new BasicTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new TraceLines(), { scheduledDelayMillis: 1000 })],
});

// Now, because openTelemetry() takes what is registered: run.ts loads this file first. `@opentelemetry/sdk-node` does the
// same with more instruments.
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
trace.setGlobalTracerProvider(tracing);
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [prometheus] }));
