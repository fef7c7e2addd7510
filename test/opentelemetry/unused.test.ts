import { join } from 'node:path';
import { jsonCodec } from '../../lib/core/payload/payload-codec';
import { observed } from '../../lib/core/telemetry/observed-backend';
import { jobRunner } from '../../lib/core/telemetry/observed-runner';
import { JobRunner } from '../../lib/core/worker/run/job-runner';
import { openTelemetry } from '../../lib/opentelemetry';
import { memoryBackend } from '../../lib/testing';
import { WorkerProcess } from '../support/worker-process';

/* What telemetry costs where it is not asked for: nothing is loaded, and no call stands between a job and its backend. */

it('loads nothing while a job is added and handled', async () => {
  const child = new WorkerProcess(join(__dirname, 'unused-script.ts'));
  expect(await child.exitCode()).toBe(0);
  const { payload, loaded, files } = JSON.parse(child.output) as Record<string, unknown>;
  expect([payload, loaded]).toEqual(['ada', []]);
  // It does see what is loaded.
  expect(files).toBeGreaterThan(100);
}, 60_000);

it('adds and settles by the backend itself', () => {
  const backend = memoryBackend();
  expect(observed(backend, undefined)).toBe(backend);
  expect(observed(backend, openTelemetry())).not.toBe(backend);
});

it('runs jobs without a step of its own', () => {
  const options = {
    handler: () => undefined,
    codec: jsonCodec,
    retry: { attempts: 1, backoff: 0 },
    maxLost: 3,
    timeout: 0,
  };
  const unused = jobRunner(options, 'memory', undefined);
  expect(Object.getPrototypeOf(unused)).toBe(JobRunner.prototype);
  expect(Object.getPrototypeOf(jobRunner(options, 'memory', openTelemetry()))).not.toBe(JobRunner.prototype);
});
