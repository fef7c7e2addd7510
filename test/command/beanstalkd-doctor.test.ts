import { beanstalkdBackend } from '../../lib/beanstalkd';
import { randomPipeline } from '../support/pipelines';
import { put } from '../support/put';
import { beanstalkdUrl } from '../support/test-servers';
import { found, lookedAt } from './doctor';

jest.setTimeout(90_000);

it('job-queue doctor finds pipelines without a worker, and those that are paused, on beanstalkd', async () => {
  const pipeline = randomPipeline();
  const backend = beanstalkdBackend(beanstalkdUrl());
  await backend.connect();
  try {
    await put(backend, pipeline, [{ payload: 'null', priority: 0, delay: 0, ttr: 60 }]);
    await backend.admin.pause(pipeline, 600);
    expect((await found(beanstalkdUrl()))['pipelines']).toEqual(
      expect.arrayContaining([
        `${pipeline}: 1 ready, and no worker watches it.`,
        expect.stringMatching(/ is paused for \d{3} s/),
      ]),
    );
    // The tests' server keeps a binlog.
    expect(await lookedAt(beanstalkdUrl())).toMatchObject({ durability: 'binlog' });
    const leases = await backend.lease([pipeline]);
    const waiting = leases.reserve(1, 0, new AbortController().signal);
    await waiting;
    await backend.admin.clear(pipeline, 'ready');
    expect((await found(beanstalkdUrl()))['pipelines'] ?? []).not.toContainEqual(
      expect.stringContaining(pipeline),
    );
    await leases.close();
  } finally {
    await backend.close();
  }
});
