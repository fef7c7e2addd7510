import { silentLogger } from '../../lib/core/contract/logger';
import { jsonCodec } from '../../lib/core/payload/payload-codec';
import { JobEvents } from '../../lib/core/policy/job-events';
import { newJob } from '../../lib/core/policy/job-options';
import { JobBudget } from '../../lib/core/process/job-budget';
import { WorkerGroup } from '../../lib/core/process/worker-group';
import { JobRunner } from '../../lib/core/worker/run/job-runner';
import { memoryBackend } from '../../lib/testing';
import { until } from '../support/until';

it.each([1, 4])('is shared by all workers: never more starts, at concurrency %i', async (concurrency) => {
  const backend = memoryBackend();
  await backend.connect();
  const jobs = Array.from({ length: 20 }, () => newJob('1'));
  for (const pipeline of ['a', 'b']) await backend.put(pipeline, jobs);
  const budget = new JobBudget(7);
  const group = new WorkerGroup(backend, new JobEvents(silentLogger), silentLogger, { budget });
  let spent = 0;
  budget.onSpent(() => (spent += 1));
  let starts = 0;
  const runner = new JobRunner({
    handler: () => (starts += 1),
    codec: jsonCodec,
    retry: {},
    maxLost: 3,
    timeout: 0,
  });
  for (const pipeline of ['a', 'b']) await group.start({ pipeline, concurrency, prefetch: true, runner });
  await until('it is spent', () => budget.left === 0);
  await group.drain(1);
  expect({ starts, spent }).toEqual({ starts: 7, spent: 1 });
  const [a, b] = [await backend.inspect.stats('a'), await backend.inspect.stats('b')];
  expect(a.ready + b.ready).toBe(33);
  expect(a.reserved + b.reserved).toBe(0);
});
