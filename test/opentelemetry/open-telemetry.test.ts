import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { type Job, JobQueueModule, JobQueueService, OnJob, Process, Processor } from '../../lib/index';
import { openTelemetry } from '../../lib/opentelemetry';
import { memoryBackend } from '../../lib/testing';
import { application, closeApplications, queueApplication } from '../nest/application';
import { coded } from '../support/coded';
import { queuePlaces } from '../support/queue-places';
import { selectedButBeanstalkd } from '../support/test-servers';
import { until } from '../support/until';
import { TestTelemetry } from './telemetry-of-test';

let telemetry: TestTelemetry;
let seen: unknown[];

beforeEach(() => {
  telemetry = new TestTelemetry();
  seen = [];
});
afterEach(async () => {
  await closeApplications();
  await telemetry.close();
});

const id = (span: ReadableSpan) => span.spanContext().spanId;
const traceId = (span: ReadableSpan) => span.spanContext().traceId;
const linked = (span: ReadableSpan) => span.links.map((link) => link.context.spanId);
const only = (name: string): ReadableSpan => {
  const spans = telemetry.named(name);
  expect(spans).toHaveLength(1);
  return spans[0]!;
};

@Processor()
class Tasks {
  private allRun: Promise<unknown> | undefined;

  constructor(private readonly queue: JobQueueService) {}

  @Process('mail')
  async send({ payload }: Job): Promise<void> {
    seen.push(propagation.getActiveBaggage()?.getEntry('tenant')?.value);
    if (payload === 'chain') await this.queue.addJob('next', 1);
    if (payload === 'fail') throw new TypeError('no mail server');
  }

  @Process('next')
  next(): void {
    seen.push('next');
  }

  @Process('together', { concurrency: 3 })
  async together(): Promise<void> {
    seen.push('together');
    // One wait for all of them, so that they end together.
    await (this.allRun ??= until('all three run', () => seen.length === 3));
  }

  @OnJob('completed', { pipeline: 'mail' })
  done(): void {
    seen.push(trace.getActiveSpan()?.spanContext().traceId);
  }
}

/** In a request with a tenant. */
async function inRequest<T>(work: () => Promise<T>): Promise<{ span: ReadableSpan; result: T }> {
  const span = telemetry.tracer.startSpan('GET /orders');
  const active = propagation.setBaggage(
    trace.setSpan(context.active(), span),
    propagation.createBaggage({ tenant: { value: 'blue' } }),
  );
  const result = await context.with(active, work);
  span.end();
  return { span: span as unknown as ReadableSpan, result };
}

describe.each(selectedButBeanstalkd())('spans on %s', (name) => {
  it('go from a request through its job to the jobs that this one adds', async () => {
    const place = await queuePlaces[name]();
    const app = await application({
      imports: [JobQueueModule.forRoot({ backend: place.backend, telemetry: telemetry.of() })],
      providers: [Tasks],
    });
    const queue = app.get(JobQueueService);
    const { span: request, result: job } = await inRequest(() => queue.addJob('mail', 'chain'));
    await until('both are settled', () => telemetry.named('settle next').length === 1);
    await until('the listener was called', () => seen.length === 3);

    const sent = only('send mail');
    expect([sent.kind, sent.parentSpanContext?.spanId]).toEqual([SpanKind.PRODUCER, id(request)]);
    expect(sent.attributes).toEqual({
      'messaging.system': 'nestjs_job_queue',
      'messaging.destination.name': 'mail',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.message.id': job,
    });
    const ran = only('process mail');
    expect([ran.kind, ran.parentSpanContext, linked(ran)]).toEqual([
      SpanKind.CONSUMER,
      undefined,
      [id(sent)],
    ]);
    expect(ran.attributes).toMatchObject({
      'messaging.operation.type': 'process',
      'messaging.message.id': job,
      'job_queue.outcome': 'delete',
      'job_queue.attempt': 1,
    });
    const settled = only('settle mail');
    expect([settled.kind, settled.parentSpanContext?.spanId]).toEqual([SpanKind.CLIENT, id(ran)]);
    const sentOn = only('send next');
    expect(sentOn.parentSpanContext?.spanId).toBe(id(ran));
    expect(linked(only('process next'))).toEqual([id(sentOn)]);
    expect(seen).toEqual(expect.arrayContaining(['blue', 'next', traceId(ran)]));
    // Nothing else: no span of a look for jobs.
    expect(telemetry.spans).toHaveLength(7);
    await closeApplications();
    await place.remove();
  });
});

it('makes one trace of both on request', async () => {
  const { queue } = await queueApplication([Tasks], { telemetry: telemetry.of({ process: 'parent' }) });
  const { span: request } = await inRequest(() => queue.addJob('mail', 1));
  await until('it is settled', () => telemetry.named('settle mail').length === 1);
  const ran = only('process mail');
  expect([traceId(ran), ran.parentSpanContext?.spanId]).toEqual([traceId(request), id(only('send mail'))]);
  expect(linked(ran)).toEqual([]);
});

it('tells what has failed: a handler, and an add', async () => {
  const backend = memoryBackend();
  const { queue } = await queueApplication([Tasks], {
    backend,
    telemetry: telemetry.of(),
    defaults: { attempts: 1 },
  });
  await queue.addJob('mail', 'fail');
  await until('it is settled', () => telemetry.named('settle mail').length === 1);
  const ran = only('process mail');
  expect(ran.status).toEqual({ code: SpanStatusCode.ERROR, message: 'TypeError: no mail server' });
  expect(ran.attributes).toMatchObject({ 'error.type': 'TypeError', 'job_queue.outcome': 'bury' });
  expect(ran.events.map(({ name }) => name)).toEqual(['exception']);
  await backend.close();
  await expect(queue.addJob('mail', 1)).rejects.toThrow(coded('BACKEND_CLOSED'));
  expect(telemetry.named('send mail')[1]?.attributes['error.type']).toBe('BACKEND_CLOSED');
  await backend.connect();
});

it('has one span for jobs that are added together, and links to those that are settled together', async () => {
  const { queue } = await queueApplication([Tasks], { telemetry: telemetry.of() });
  await queue.addJobs('together', [{ payload: 1 }, { payload: 2 }, { payload: 3 }]);
  const settledJobs = () =>
    telemetry
      .named('settle together')
      .reduce((sum, { attributes }) => sum + Number(attributes['messaging.batch.message_count'] ?? 1), 0);
  await until('all are settled', () => settledJobs() === 3);
  const sent = only('send together');
  expect(sent.attributes['messaging.batch.message_count']).toBe(3);
  const runs = telemetry.named('process together');
  expect(runs.map(linked)).toEqual([[id(sent)], [id(sent)], [id(sent)]]);
  const settled = telemetry.named('settle together');
  const shown = settled.flatMap((span) => [...linked(span), span.parentSpanContext?.spanId]);
  expect(shown.filter((one) => one !== undefined).toSorted()).toEqual(runs.map(id).toSorted());
  expect(settled.some((span) => linked(span).length > 1)).toBe(true);
});

it('carries the trace of who set a schedule, beside an application’s own context', async () => {
  const { queue } = await queueApplication([Tasks], {
    telemetry: telemetry.of(),
    context: { capture: () => 'own', run: (value, next) => (seen.push(value), next()) },
  });
  const { span } = await inRequest(() => queue.schedules.set('mails', { pipeline: 'next', every: '9999d' }));
  await queue.schedules.runNow('mails');
  await until('it is settled', () => telemetry.named('settle next').length === 1);
  expect(linked(only('process next'))).toEqual([id(span)]);
  expect(seen).toEqual(['own', 'next']);
});

it('measures by the names and units of the conventions', async () => {
  const { queue } = await queueApplication([Tasks], { telemetry: telemetry.of() });
  await queue.addJobs('mail', [{ payload: 1 }, { payload: 2 }]);
  await until('both are settled', async () => seen.length === 4 && telemetry.spans.length >= 4);
  await queue.pause('next');
  await queue.addJob('next', 1);
  await queue.addJob('next', 1, { delay: 60 });
  const metrics = await telemetry.metrics();
  const points = (name: string) => metrics.get(name)?.dataPoints ?? [];
  expect([...metrics].map(([name, { descriptor }]) => `${name} ${descriptor.unit}`).sort()).toEqual([
    'job_queue.jobs {job}',
    'job_queue.oldest_ready.age s',
    'messaging.client.consumed.messages {message}',
    'messaging.client.operation.duration s',
    'messaging.client.sent.messages {message}',
    'messaging.process.duration s',
  ]);
  const of = {
    'messaging.system': 'nestjs_job_queue',
    'messaging.destination.name': 'mail',
  };
  expect(points('messaging.client.sent.messages')[0]).toMatchObject({
    value: 2,
    attributes: { ...of, 'messaging.operation.name': 'send' },
  });
  expect(points('messaging.process.duration')[0]).toMatchObject({
    value: {
      count: 2,
      buckets: { boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
    },
    attributes: { ...of, 'messaging.operation.name': 'process' },
  });
  const states = points('job_queue.jobs').map(({ attributes, value }) => [
    attributes['messaging.destination.name'],
    attributes['job_queue.state'],
    value,
  ]);
  expect(states).toEqual([
    ['next', 'ready', 1],
    ['next', 'delayed', 1],
    ['next', 'reserved', 0],
    ['next', 'buried', 0],
  ]);
  const [age] = points('job_queue.oldest_ready.age');
  expect(age?.value).toBeGreaterThanOrEqual(0);
  expect(age?.value).toBeLessThan(60);
});

it('reads no jobs with gauges: false, and none after the end', async () => {
  const { queue } = await queueApplication([], { telemetry: telemetry.of({ gauges: false }) });
  await queue.addJob('mail', 1);
  expect((await telemetry.metrics()).has('job_queue.jobs')).toBe(false);
  const backend = memoryBackend();
  const asked = jest.spyOn(backend.inspect, 'pipelines');
  const { queue: gauged } = await queueApplication([], { backend, telemetry: telemetry.of() });
  await gauged.addJob('mail', 1);
  expect((await telemetry.metrics()).has('job_queue.jobs')).toBe(true);
  await closeApplications();
  asked.mockClear();
  await telemetry.metrics();
  expect(asked).not.toHaveBeenCalled();
});

it('has spans and no links where the backend keeps no headers', async () => {
  const memory = memoryBackend();
  const features = { ...memory.features, headers: undefined };
  const backend = new Proxy(memory, {
    get: (target, name) => {
      if (name === 'features') return features;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const { queue } = await queueApplication([Tasks], { backend, telemetry: telemetry.of() });
  await inRequest(() => queue.addJob('mail', 1));
  await until('it is settled', () => telemetry.named('settle mail').length === 1);
  expect(linked(only('process mail'))).toEqual([]);
});

it('drops what would be too long a baggage, and keeps the trace', async () => {
  const { queue } = await queueApplication([], { telemetry: telemetry.of() });
  const baggage = propagation.createBaggage({ long: { value: 'x'.repeat(4090) } });
  const job = await context.with(propagation.setBaggage(context.active(), baggage), () =>
    queue.addJob('mail', 1),
  );
  const { headers } = (await queue.findJob(job))!;
  expect(Object.keys((JSON.parse(headers!) as { trace: object }).trace)).toEqual(['traceparent']);
});

it.each([
  [{ process: 'child' }, "process must be 'link' or 'parent'"],
  [{ gauges: 1 }, 'gauges must be true or false'],
  [{ tracer: 1 }, 'unknown option tracer'],
])('refuses %j', (options, message) => {
  const make = () => openTelemetry(options as never);
  expect(make).toThrow(coded('INVALID_JOB_OPTION', { message: expect.stringContaining(message) }));
});

it('refuses what is no telemetry', async () => {
  await expect(queueApplication([], { telemetry: {} as never })).rejects.toThrow(
    'telemetry must be what openTelemetry() returns',
  );
});
