import type { AppJob, AppJobScheduler, AppQueue } from '@bull-board/api/typings/app';
import { memoryBackend } from '../../lib/testing';
import { Opened } from '../support/opened';
import { type QueuePlace, queuePlaces } from '../support/queue-places';
import { selectedButBeanstalkd } from '../support/test-servers';
import { until } from '../support/until';
import { OpenBoard } from './board-application';

/* What bull-board asks of a pipeline, and what comes of its buttons. Every answer passes its schema. */

const open = { authorize: () => true };
const opened = new Opened();

afterEach(() => opened.close());

async function pageOf(board: OpenBoard, pipeline: string, query = ''): Promise<AppQueue> {
  const { queues } = await board.read<{ queues: AppQueue[] }>(
    `/api/queues?activeQueue=${encodeURIComponent(pipeline)}${query}`,
  );
  return queues.find(({ name }) => name === pipeline)!;
}

/** The page once it shows that: what was not done on the board shows a moment later. */
function shows(board: OpenBoard, pipeline: string, what: object, query = ''): Promise<AppQueue> {
  return until(`the board shows ${JSON.stringify(what)} of ${pipeline}`, async () => {
    const page = await pageOf(board, pipeline, query);
    expect(page).toMatchObject(what);
    return page;
  });
}

describe.each(selectedButBeanstalkd())('a board on %s', (name) => {
  let place: QueuePlace;
  let board: OpenBoard;

  beforeEach(async () => {
    place = await queuePlaces[name]();
    board = opened.add(await OpenBoard.of({ queue: { backend: place.backend }, board: open }));
  });
  afterEach(async () => {
    await opened.close();
    await place.remove();
  });

  it('counts jobs, lists them page by page, and shows one', async () => {
    const { queue } = board;
    await queue.addJobs(
      'mail',
      Array.from({ length: 25 }, (_, number) => ({ payload: { number } })),
    );
    await queue.addJob('mail', { late: true }, { delay: '1h', priority: 7, attempts: 3, backoff: '2s' });
    const held = await queue.getNextJobAndReserve('mail');
    const failed = await queue.getNextJobAndReserve('mail');
    await queue.buryJob(failed!, { reason: 'Error: no such address\n    at send (mail.js:1:1)' });

    const page = await shows(
      board,
      'mail',
      {
        counts: { waiting: 23, delayed: 1, active: 1, failed: 1 },
        pagination: { pageCount: 3, range: { start: 20, end: 29 } },
        isPaused: false,
        hasWorkers: false,
      },
      '&status=waiting&page=3',
    );
    expect(page.jobs.map(({ data }) => data as unknown)).toEqual([
      { number: 22 },
      { number: 23 },
      { number: 24 },
    ]);

    const [late] = (await pageOf(board, 'mail', '&status=delayed')).jobs;
    expect(late).toMatchObject({ name: 'mail', data: { late: true }, priority: 7 });
    expect(late!.opts).toMatchObject({ ttr: 60, attempts: 3, backoff: 2000, priority: 7 });
    expect(late!.timestamp + late!.delay! - Date.now()).toBeGreaterThan(3_500_000);

    const { job, status } = await board.read<{ job: AppJob; status: string }>(
      `/api/queues/mail/${failed!.id}`,
    );
    expect(status).toBe('failed');
    expect(job).toMatchObject({
      data: { number: 1 },
      attempts: 1,
      isFailed: true,
      failedReason: 'Error: no such address',
      stacktrace: [
        expect.stringMatching(
          /^Attempt 1, \d{4}-\S+Z, [\d.]+ s\nError: no such address\n {4}at send \(mail\.js:1:1\)$/,
        ),
      ],
    });
    expect((await pageOf(board, 'mail')).jobs.map(({ id }) => id)).toContain(held!.id);
    expect(await board.read(`/api/queues/mail/${held!.id}/flow`)).toMatchObject({ isFlowNode: false });
    expect(await board.read(`/api/queues/mail/${held!.id}/logs`)).toEqual([]);
    expect((await board.ask('/api/queues/mail/999999999')).status).toBe(404);
  });

  it('adds, kicks, changes and deletes jobs', async () => {
    const { queue } = board;
    await queue.schedules.set('daily', { pipeline: 'mail', cron: '@daily' });
    await shows(board, 'mail', { counts: { waiting: 0 } });
    const { job: added } = await board.read<{ job: AppJob }>('/api/queues/mail/add', {
      method: 'POST',
      body: { name: 'x', data: { to: 'ada' }, options: { delay: 3_600_000, priority: 5, attempts: 2 } },
    });
    const id = added.id as string;
    expect(await queue.findJob(id)).toMatchObject({ state: 'delayed', priority: 5, raw: '{"to":"ada"}' });

    await board.read(`/api/queues/mail/${id}/update-data`, {
      method: 'PATCH',
      body: { jobData: { to: 'eve' } },
    });
    await board.read(`/api/queues/mail/${id}/priority`, { method: 'PATCH', body: { priority: 3 } });
    await board.read(`/api/queues/mail/${id}/delay`, {
      method: 'PATCH',
      body: { runAt: Date.now() + 60_000 },
    });
    const [changed] = await queue.peek('mail', 'delayed');
    expect(changed).toMatchObject({ id, priority: 3, raw: '{"to":"eve"}' });
    expect(changed!.delay).toBeLessThan(61);

    await board.read(`/api/queues/mail/${id}/promote`, { method: 'PUT' });
    expect(await queue.findJob(id)).toMatchObject({ state: 'ready' });
    await queue.buryJob(id);
    await board.read(`/api/queues/mail/${id}/retry`, { method: 'PUT' });
    expect(await queue.findJob(id)).toMatchObject({ state: 'ready', kicks: 2 });

    await board.read(`/api/queues/mail/${id}/clean`, { method: 'PUT' });
    expect(await queue.findJob(id)).toBeUndefined();
  });

  it('kicks and clears all jobs of a state, pauses, empties and obliterates', async () => {
    const { queue } = board;
    const ids = await queue.addJobs(
      'mail',
      Array.from({ length: 12 }, (_, payload) => ({ payload })),
    );
    for (const id of ids.slice(0, 4)) await queue.buryJob(id);
    for (const id of ids.slice(4, 8)) await queue.changeJob(id, { delay: '1h' });
    const counts = async () => (await pageOf(board, 'mail')).counts;
    await shows(board, 'mail', { counts: { waiting: 4, delayed: 4, failed: 4 } });

    await board.read('/api/queues/mail/promote', { method: 'PUT' });
    expect(await counts()).toMatchObject({ waiting: 8, delayed: 0, failed: 4 });
    expect(await board.read('/api/queues/mail/retry/failed', { method: 'PUT' })).toEqual({
      retried: 4,
      skipped: 0,
    });
    expect(await counts()).toMatchObject({ waiting: 12, delayed: 0, failed: 0 });

    for (const id of ids.slice(0, 2)) await queue.buryJob(id);
    await board.read('/api/queues/mail/clean/failed', { method: 'PUT' });
    expect(await counts()).toMatchObject({ waiting: 10, failed: 0 });

    await board.read('/api/queues/pause', { method: 'PUT' });
    expect(await pageOf(board, 'mail')).toMatchObject({ isPaused: true });
    await board.read('/api/queues/mail/resume', { method: 'PUT' });
    expect(await pageOf(board, 'mail')).toMatchObject({ isPaused: false });

    const held = await queue.getNextJobAndReserve('mail');
    await shows(board, 'mail', { counts: { active: 1 } });
    await board.read('/api/queues/mail/empty', { method: 'PUT' });
    expect(await counts()).toMatchObject({ waiting: 0, active: 1 });

    await board.read('/api/queues/mail/pause', { method: 'PUT' });
    const refused = await board.ask('/api/queues/mail/obliterate', { method: 'PUT', body: {} });
    expect([refused.status, await refused.text()]).toEqual([409, expect.stringContaining('ACTIVE_JOBS')]);
    await queue.deleteJob(held!);
    await board.read('/api/queues/mail/obliterate', { method: 'PUT', body: {} });
    expect(await pageOf(board, 'mail')).toBeUndefined();
  });

  it('shows who works, and what a running job says of itself', async () => {
    const { queue } = board;
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    await using handler = await queue.process('mail', async (job) => {
      job.progress({ done: 1, of: 2 });
      job.log('half of it is done');
      await ended;
    });
    try {
      const id = await queue.addJob('mail', 1);
      const page = await shows(board, 'mail', { hasWorkers: true, jobs: [{ progress: { done: 1, of: 2 } }] });
      expect([page.jobs[0]!.id, page.name]).toEqual([id, handler.pipeline]);
      const { job } = await board.read<{ job: AppJob }>(`/api/queues/mail/${id}`);
      expect(job).toMatchObject({ progress: { done: 1, of: 2 } });
      expect(await board.read(`/api/queues/mail/${id}/logs`)).toEqual([
        expect.stringMatching(/^\d{4}-.*Z half of it is done$/),
      ]);
      expect(await board.read('/api/queues/mail/workers')).toEqual({
        workers: [
          expect.objectContaining({ addr: expect.stringContaining(`process ${process.pid}`) as string }),
        ],
      });
    } finally {
      end();
    }
  });

  it('shows what is kept of jobs that have ended, adds one anew and removes them', async () => {
    const { queue } = board;
    await using handler = await queue.process<{ to: string }>(
      'mail',
      (job) => {
        if (job.attempt === 1 && job.payload.to === 'eve') throw new Error('mailbox busy');
        return { for: job.payload.to };
      },
      { attempts: 2, backoff: 0, keep: { completed: 'forever' } },
    );
    const ids = await queue.addJobs(handler.pipeline, [
      { payload: { to: 'ada' } },
      { payload: { to: 'eve' }, priority: 7 },
    ]);
    await shows(board, 'mail', { counts: { waiting: 0, active: 0, completed: 2 } });
    await handler.close();

    const { jobs, statuses } = await pageOf(board, 'mail', '&status=completed');
    expect(statuses).toContain('completed');
    expect(new Set(jobs.map(({ id }) => id))).toEqual(new Set(ids));
    const [ada, eve] = await Promise.all(
      ids.map((id) => board.read<{ job: AppJob; status: string }>(`/api/queues/mail/${id}`)),
    );
    expect(ada).toMatchObject({
      status: 'completed',
      job: {
        data: { to: 'ada' },
        returnValue: { for: 'ada' },
        attempts: 1,
        isFailed: false,
        processedBy: expect.any(String) as string,
      },
    });
    expect(ada!.job.finishedOn).toBeGreaterThanOrEqual(ada!.job.processedOn!);
    expect(eve!.job).toMatchObject({
      attempts: 2,
      stacktrace: [expect.stringMatching(/^Attempt 1, \S+, [\d.]+ s\nError: mailbox busy/)],
    });

    await board.read(`/api/queues/mail/${ids[1]}/retry`, { method: 'PUT' });
    const page = await pageOf(board, 'mail', '&status=waiting');
    expect(page.counts).toMatchObject({ waiting: 1, completed: 2 });
    expect(page.jobs).toEqual([expect.objectContaining({ data: { to: 'eve' }, priority: 7 })]);

    await board.read(`/api/queues/mail/${ids[0]}/clean`, { method: 'PUT' });
    expect((await board.ask(`/api/queues/mail/${ids[0]}`)).status).toBe(404);
    await board.read('/api/queues/mail/clean/completed', { method: 'PUT' });
    expect((await pageOf(board, 'mail')).counts).toMatchObject({ waiting: 1, completed: 0 });
  });

  it('shows what a kept job has said of itself', async () => {
    const { queue } = board;
    await using handler = await queue.process(
      'mail',
      (job) => {
        job.progress({ done: 1, of: 2 });
        job.log('half of it is done');
        job.progress({ done: 2, of: 2 });
        job.log('all of it is done');
      },
      { keep: { completed: 'forever' } },
    );
    const id = await queue.addJob(handler.pipeline, 1);
    await shows(board, 'mail', { counts: { active: 0, completed: 1 } });
    await until('what it said is there', async () => (await queue.logs(id)).length === 2);
    const { job, status } = await board.read<{ job: AppJob; status: string }>(`/api/queues/mail/${id}`);
    expect([status, job.progress]).toEqual(['completed', { done: 2, of: 2 }]);
    expect(await board.read(`/api/queues/mail/${id}/logs`)).toEqual([
      expect.stringMatching(/^\d{4}-.*Z half of it is done$/),
      expect.stringMatching(/^\d{4}-.*Z all of it is done$/),
    ]);
  });

  it('goes from page to page of kept jobs, and shows their pipeline when nothing else is there', async () => {
    const { queue } = board;
    const ids = await queue.addJobs(
      'mail',
      Array.from({ length: 13 }, (_, number) => ({ payload: { number }, keep: { completed: '1h' } })),
    );
    const handler = await queue.process('mail', () => undefined);
    await shows(board, 'mail', { counts: { completed: 13 } });
    await handler.close();
    const other = opened.add(await OpenBoard.of({ queue: { backend: place.backend }, board: open }));
    const seen = name === 'memory' ? board : other;
    const pages = await Promise.all(
      [1, 2].map((page) => pageOf(seen, 'mail', `&status=completed&page=${page}`)),
    );
    expect(pages.map(({ jobs }) => jobs.length)).toEqual([10, 3]);
    const found = pages.flatMap(({ jobs }) => jobs.map(({ id }) => id));
    expect(new Set(found)).toEqual(new Set(ids));
  });

  it('shows why attempts failed while the job is tried, and calls off one that runs', async () => {
    const { queue } = board;
    const cancelled: unknown[] = [];
    await using handler = await queue.process(
      'mail',
      async ({ attempt, signal }) => {
        if (attempt === 1) throw new Error('not yet');
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }).catch((reason: unknown) => cancelled.push(reason));
      },
      { attempts: 2, backoff: '1h' },
    );
    const id = await queue.addJob(handler.pipeline, 1);
    const [late] = (await shows(board, 'mail', { counts: { delayed: 1 } }, '&status=delayed')).jobs;
    expect(late).toMatchObject({
      failedReason: 'Error: not yet',
      stacktrace: [expect.stringMatching(/^Attempt 1,.*\nError: not yet/)],
    });
    await board.read(`/api/queues/mail/${id}/promote`, { method: 'PUT' });
    await shows(board, 'mail', { counts: { active: 1 } });
    await board.read(`/api/queues/mail/${id}/clean`, { method: 'PUT' });
    await until('its handler hears of it', async () => cancelled.length === 1);
    expect(String(cancelled[0])).toContain('removed on the board');
    expect(await queue.findJob(id)).toMatchObject({ state: 'cancelled', error: 'removed on the board' });
  });

  it('shows schedules, runs them, and changes and removes those of the application', async () => {
    const { queue } = board;
    await queue.schedules.set('nightly', {
      pipeline: 'report',
      cron: '0 3 * * *',
      timeZone: 'Asia/Seoul',
      payload: { pages: 3 },
      attempts: 5,
    });
    const schedulers = async () =>
      (await board.read<{ schedulers: AppJobScheduler[] }>('/api/job-schedulers')).schedulers;
    await shows(board, 'report', { jobSchedulerCount: 1 });
    expect(await schedulers()).toEqual([
      expect.objectContaining({ id: 'nightly', queueName: 'report', pattern: '0 3 * * *', tz: 'Asia/Seoul' }),
    ]);

    const { job } = await board.read<{ job: AppJob }>('/api/queues/report/job-schedulers/nightly/run', {
      method: 'PUT',
    });
    expect(job).toMatchObject({ name: 'nightly', data: { pages: 3 } });

    await board.read('/api/queues/report/job-schedulers/nightly', {
      method: 'PATCH',
      body: { every: 60_000 },
    });
    expect(await queue.schedules.get('nightly')).toMatchObject({
      every: 60,
      payload: '{"pages":3}',
      retry: '{"attempts":5}',
    });
    const wrong = await board.ask('/api/queues/report/job-schedulers/nightly', {
      method: 'PATCH',
      body: { pattern: '61 * * * *' },
    });
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('61')]);
    await board.read('/api/queues/report/job-schedulers/nightly/remove', { method: 'PUT' });
    expect(await schedulers()).toEqual([]);
    const gone = await board.ask('/api/queues/report/job-schedulers/nightly/run', { method: 'PUT' });
    expect(gone.status).toBe(404);
  });
});

it('shows what was never decoded as its text, and takes options of a job as it shows them', async () => {
  const board = opened.add(await OpenBoard.of({ queue: { backend: memoryBackend() }, board: open }));
  await board.queue.addJob('mail', 'one', {
    ttr: '5m',
    unique: 'a',
    attempts: 4,
    keep: { completed: { for: '1h', count: 5 } },
  });
  const [job] = (await shows(board, 'mail', { counts: { waiting: 1 } })).jobs;
  await board.read('/api/queues/mail/add', {
    method: 'POST',
    body: { name: '', data: 'two', options: job!.opts as unknown },
  });
  expect((await pageOf(board, 'mail', '&status=waiting')).jobs.map(({ data }) => data as unknown)).toEqual([
    'one',
    'two',
  ]);
  const refused = await board.ask('/api/queues/mail/add', {
    method: 'POST',
    body: { data: 1, options: { lifo: true } },
  });
  expect([refused.status, await refused.text()]).toEqual([
    400,
    expect.stringContaining('Unknown option \\"lifo\\"; there are delay, priority'),
  ]);
});
