import type { AppJob, AppQueue } from '@bull-board/api/typings/app';
import { getJobQueueToken, JobQueueModule, type JobQueueService } from '../../lib/index';
import { memoryBackend } from '../../lib/testing';
import { Opened } from '../support/opened';
import { until } from '../support/until';
import { type BoardApplication, OpenBoard } from './board-application';

/* How much of a queue a board shows. */

const opened = new Opened();

afterEach(() => opened.close());

async function open(board: BoardApplication['board'], rest: BoardApplication = {}): Promise<OpenBoard> {
  return opened.add(
    await OpenBoard.of({
      queue: { backend: memoryBackend() },
      ...rest,
      board: { pipelines: ['mail'], authorize: () => true, ...board },
    }),
  );
}

const payload = { to: 'ada', password: 'geheim' };

describe.each([
  ['hidden', 'hidden' as const, '(hidden)'],
  [
    'masked',
    (value: unknown, job: { pipeline: string }) => ({ ...(value as object), password: `of ${job.pipeline}` }),
    { to: 'ada', password: 'of mail' },
  ],
  [
    'masked by what fails',
    () => {
      throw new Error('geheim');
    },
    '(hidden)',
  ],
])('payloads that are %s', (_how, payloads, expected) => {
  it('are on no page, and cannot be changed', async () => {
    const board = await open({ payloads });
    const id = await board.queue.addJob('mail', payload);
    await board.queue.schedules.set('daily', { pipeline: 'mail', cron: '@daily', payload });

    const { job } = await board.read<{ job: AppJob }>(`/api/queues/mail/${id}`);
    expect(job.data).toEqual(expected);
    for (const path of ['/api/queues?activeQueue=mail', '/api/job-schedulers', `/api/queues/mail/${id}`]) {
      expect(await (await board.ask(path)).text()).not.toContain('geheim');
    }
    const changed = await board.ask(`/api/queues/mail/${id}/update-data`, {
      method: 'PATCH',
      body: { jobData: expected },
    });
    expect([changed.status, await changed.text()]).toEqual([
      403,
      expect.stringContaining('cannot be changed'),
    ]);
    const added = await board.ask('/api/queues/mail/add', { method: 'POST', body: { data: expected } });
    expect(added.status).toBe(403);
    expect(await board.queue.peek('mail', 'ready')).toMatchObject([{ payload }]);

    await using handler = await board.queue.process('mail', (job) => job.payload, {
      keep: { completed: 'forever' },
    });
    await until('it is kept', async () => (await board.queue.findJob(id))?.state === 'completed');
    await handler.close();
    const kept = await board.read<{ job: AppJob }>(`/api/queues/mail/${id}`);
    expect(kept.job).toMatchObject({ data: expected, returnValue: expected });
    // What is hidden can be added anew as it was.
    await board.read(`/api/queues/mail/${id}/retry`, { method: 'PUT' });
    expect(await board.queue.peek('mail', 'ready')).toMatchObject([{ payload }]);

    // Its rule may be changed, and its payload stays as it was.
    await board.read('/api/queues/mail/job-schedulers/daily', {
      method: 'PATCH',
      body: { pattern: '0 5 * * *' },
    });
    expect(await board.queue.schedules.get('daily')).toMatchObject({
      cron: '0 5 * * *',
      payload: JSON.stringify(payload),
    });
  });
});

it('shows alone, with readOnly', async () => {
  const board = await open({ readOnly: true });
  const id = await board.queue.addJob('mail', payload);
  expect((await board.ask(`/api/queues/mail/${id}/clean`, { method: 'PUT' })).status).toBe(405);
  expect((await board.ask('/api/queues/pause', { method: 'PUT' })).status).toBe(200);
  expect((await board.queue.stats('mail')).pausedFor).toBe(0);
});

it('shows a payload as the codec of the queue reads it, and otherwise as its text', async () => {
  const codec = {
    encode: (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64'),
    decode: (text: string) => JSON.parse(Buffer.from(text, 'base64').toString()) as unknown,
  };
  const backend = memoryBackend();
  const board = await open({}, { queue: { backend, codec } });
  await backend.put('mail', [{ payload: 'not base64', priority: 1, delay: 0, ttr: 60 }]);
  await board.queue.addJob('mail', payload);
  await until('both are shown', async () => {
    const { queues } = await board.read<{ queues: AppQueue[] }>('/api/queues?activeQueue=mail');
    expect(queues[0]?.jobs.map(({ data }) => data as unknown)).toEqual(['not base64', payload]);
    return true;
  });
});

it('shows several queues side by side, and a pipeline as it comes', async () => {
  class RootModule {}
  const board = opened.add(
    await OpenBoard.of({
      queue: { backend: memoryBackend() },
      board: { queues: ['default', 'slow'], authorize: () => true },
      imports: [
        { module: RootModule, imports: [JobQueueModule.forRoot({ name: 'slow', backend: memoryBackend() })] },
      ],
    }),
  );
  const names = async () =>
    (await board.read<{ queues: AppQueue[] }>('/api/queues')).queues.map(({ name }) => name);
  expect(await names()).toEqual([]);
  await board.queue.addJob('mail', 1);
  await until('the first pipeline is shown', async () => (await names()).join() === 'mail');
  const slow = board.app.get<JobQueueService>(getJobQueueToken('slow'));
  await slow.addJob('mail', 2);
  await slow.addJob('fax/2;x', 2);
  await until('the others are shown', async () => (await names()).length === 3);
  expect((await names()).sort()).toEqual(['mail', 'slow:fax/2;x', 'slow:mail']);
  await board.read(`/api/queues/${encodeURIComponent('slow:fax/2;x')}/pause`, { method: 'PUT' });
  expect((await slow.stats('fax/2;x')).pausedFor).toBe(Infinity);
});

it('counts up to a limit, and says where there is more', async () => {
  const board = await open({});
  await board.queue.addJobs(
    'mail',
    Array.from({ length: 10_001 }, (_, payload) => ({ payload })),
  );
  await until('the title says it', async () => {
    const { queues } = await board.read<{ queues: AppQueue[] }>('/api/queues');
    expect(queues[0]).toMatchObject({ counts: { waiting: 10_000 }, displayName: 'mail (10,000+ waiting)' });
    return true;
  });
});

it('retries all failed jobs that the page shows, though they were counted before they failed', async () => {
  const board = await open({});
  const id = await board.queue.addJob('mail', payload);
  const shownOf = async (query: string) => {
    const { queues } = await board.read<{ queues: AppQueue[] }>(`/api/queues?activeQueue=mail${query}`);
    return queues[0]!.jobs.map((job) => job.id);
  };
  await until('it is counted', async () => (await shownOf('&status=waiting')).length === 1);
  await board.queue.buryJob(id);
  expect(await shownOf('&status=failed')).toEqual([id]);
  const retried = await board.read('/api/queues/mail/retry/failed', { method: 'PUT' });
  expect(retried).toEqual({ retried: 1, skipped: 0 });
});

describe('retry all', () => {
  const retryAll = (board: OpenBoard) => board.read('/api/queues/mail/retry/failed', { method: 'PUT' });

  it('takes those that have failed since they were counted', async () => {
    const board = await open({});
    const ids = await board.queue.addJobs(
      'mail',
      Array.from({ length: 250 }, (_, payload) => ({ payload })),
    );
    await board.queue.buryJob(ids[0]!);
    await board.read('/api/queues');
    for (const id of ids.slice(1)) await board.queue.buryJob(id);
    expect(await retryAll(board)).toEqual({ retried: 250, skipped: 0 });
    expect(await board.queue.stats('mail')).toMatchObject({ ready: 250, buried: 0 });
  });

  it('takes more of them than the page counts', async () => {
    const others = Array.from({ length: 100 }, (_, number) => `other-${number}`);
    const board = await open({ pipelines: ['mail', ...others] });
    const ids = await board.queue.addJobs(
      'mail',
      Array.from({ length: 1250 }, (_, payload) => ({ payload })),
    );
    for (const id of ids) await board.queue.buryJob(id);
    await until('the page says that there are more', async () => {
      const { queues } = await board.read<{ queues: AppQueue[] }>('/api/queues');
      return queues[0]?.displayName === 'mail (1,000+ failed)';
    });
    expect(await retryAll(board)).toEqual({ retried: 1250, skipped: 0 });
    expect(await board.queue.stats('mail')).toMatchObject({ ready: 1250, buried: 0 });
  });

  it('leaves alone what somebody else has retried since it was shown', async () => {
    const board = await open({});
    const ids = await board.queue.addJobs('mail', [{ payload: 1 }, { payload: 2 }]);
    for (const id of ids) await board.queue.buryJob(id);
    await until('both are shown', async () => {
      const { queues } = await board.read<{ queues: AppQueue[] }>(
        '/api/queues?activeQueue=mail&status=failed&page=1&jobsPerPage=100',
      );
      return queues[0]?.jobs.length === 2;
    });
    await board.queue.kickJob(ids[0]!);
    expect(await retryAll(board)).toEqual({ retried: 1, skipped: 0 });
  });
});

it('says how old the figures are, where they are dear', async () => {
  const backend = memoryBackend();
  const board = await open({}, { queue: { backend } });
  const { counting } = backend.features;
  const count = counting.count.bind(counting);
  // 60 ms of reading are paid for by 3 s.
  jest.spyOn(counting, 'count').mockImplementation(async (...asked) => {
    await new Promise((resolve) => setTimeout(resolve, 60));
    return count(...asked);
  });
  const description = async () =>
    (await board.read<{ queues: AppQueue[] }>('/api/queues')).queues[0]?.description;
  await until('they are two seconds old', async () => (await description()) === 'Counted 2 s ago.');
  await until('they are new', async () => (await description()) === undefined);
});

it('says which queue there is not', async () => {
  const board = { queues: ['slow'], authorize: () => true };
  await expect(OpenBoard.of({ queue: { backend: memoryBackend() }, board })).rejects.toThrow(
    'JobQueueService:slow',
  );
});
