import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DynamicModule } from '@nestjs/common';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { Gauge, register } from 'prom-client';
import { JobQueueModule, JobQueueService, Process, Processor } from '../../lib/index';
import { openTelemetry } from '../../lib/opentelemetry';
import { memoryBackend } from '../../lib/testing';
import { application, closeApplications } from '../nest/application';
import { blocksOf, exportsOf } from '../support/document-code';
import { until } from '../support/until';

/* The code of docs/opentelemetry.md, as it stands there, scraped as Prometheus does it. */

const [moduleBlock = '', exporterBlock = '', promClientBlock = ''] = blocksOf(
  readFileSync(join(__dirname, '../../docs/opentelemetry.md'), 'utf8'),
);

@Processor('mails')
class Mails {
  @Process()
  send(): void {}
}

async function started(): Promise<JobQueueService> {
  const backend = memoryBackend();
  const { queueModule } = exportsOf<{ queueModule: DynamicModule }>(
    `${moduleBlock}\nexports.queueModule = queueModule;`,
    { JobQueueModule, backend, openTelemetry },
  );
  const app = await application({ imports: [queueModule], providers: [Mails] });
  const queue = app.get(JobQueueService);
  await queue.addJob('mails', 1);
  await until('it is done', async () => (await backend.inspect.pipelines()).length === 0);
  await queue.pause('mails');
  await queue.addJob('mails', 2);
  return queue;
}

afterEach(closeApplications);

it('serves its metrics to Prometheus by the exporter', async () => {
  const port = 19_464;
  const { exporter } = exportsOf<{ exporter: PrometheusExporter }>(
    `${exporterBlock}\nexports.exporter = exporter;`,
    { PrometheusExporter, MeterProvider, metrics, port },
  );
  await started();
  const text = await until('it is scraped', async () =>
    (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
  );
  const of = 'messaging_system="nestjs_job_queue",messaging_destination_name="mails"';
  expect(text).toContain(`messaging_client_sent_messages_total{${of},messaging_operation_name="send"`);
  expect(text).toContain('messaging_process_duration_bucket{');
  expect(text).toMatch(
    /job_queue_jobs\{[^}]*messaging_destination_name="mails",job_queue_state="ready"[^}]*\} 1/,
  );
  expect(text).toContain('job_queue_oldest_ready_age{');
  await exporter.shutdown();
  metrics.disable();
});

it('is scraped with prom-client alone', async () => {
  const queue = await started();
  exportsOf(promClientBlock, { Gauge, queue });
  // The document's code runs outside of jest's realm, whose promises prom-client does not know: it does not wait for them.
  await until('it is scraped', async () =>
    (await register.metrics()).includes('job_queue_jobs{pipeline="mails",state="ready"} 1'),
  );
  register.clear();
});
