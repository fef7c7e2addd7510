import { z } from 'zod';
import { systemClock } from '../../lib/backends/memory/clock';
import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import {
  definePipeline,
  InvalidJobOptionError,
  InvalidPayloadError,
  InvalidPipelineNameError,
  type Job,
  type JobQueueService,
  type QueueBackend,
  ReservationLostError,
  UndecodablePayloadError,
  UnsupportedByBackendError,
} from '../../lib/index';
import { coded } from '../support/coded';
import { closeApplications, queueApplication } from './application';

let queue: JobQueueService;
let backend: QueueBackend;
let now: number;

beforeEach(async () => {
  now = Date.now();
  const started = performance.now();
  // Runs like the system's clock and can be put forward.
  backend = memoryBackend({ clock: { ...systemClock, now: () => now + performance.now() - started } });
  ({ queue } = await queueApplication([], { backend }));
});
afterEach(closeApplications);

async function reserved(pipeline = 'emails'): Promise<Job<string>> {
  const job = await queue.getNextJobAndReserve<string>(pipeline);
  if (!job) throw new Error(`${pipeline} has no job`);
  return job;
}

describe('adding', () => {
  it('answers ids and keeps what was said', async () => {
    const id = await queue.addJob('emails', { to: 'a' }, { delay: 60, priority: 0, ttr: 30 });
    expect(await queue.findJob(id)).toMatchObject({
      id,
      pipeline: 'emails',
      payload: { to: 'a' },
      priority: 0,
      ttr: 30,
      state: 'delayed',
    });
    const ids = await queue.addJobs('emails', [{ payload: 1 }, { payload: 2, priority: 5 }]);
    expect(ids).toHaveLength(2);
    expect((await reserved()).id).toBe(ids[1]);
    expect(await queue.addJobs('emails', [])).toEqual([]);
  });

  it('refuses what cannot be, and stores nothing', async () => {
    await expect(queue.addJob('no spaces', 1)).rejects.toThrow(InvalidPipelineNameError);
    await expect(queue.addJob('emails', 1, { delay: -1 })).rejects.toThrow(InvalidJobOptionError);
    await expect(queue.addJob('emails', 1, { priority: NaN })).rejects.toThrow(InvalidJobOptionError);
    await expect(queue.addJob('emails', 1, { ttr: 0 })).rejects.toThrow(InvalidJobOptionError);
    await expect(queue.addJobs<unknown>('emails', [{ payload: 1 }, { payload: () => 1 }])).rejects.toThrow(
      InvalidPayloadError,
    );
    expect(await queue.listPipelines()).toEqual([]);
  });
});

it.each<[what: string, call: (given: never) => Promise<unknown>, given: unknown, value: string]>([
  [
    'an option that is spelt wrong',
    (given) => queue.addJob('emails', 1, given),
    { dealy: 5 },
    'did you mean delay?',
  ],
  [
    'null for options',
    (given) => queue.addJob('emails', 1, given),
    null,
    'options must be an object, got null',
  ],
  [
    'no list of jobs',
    (given) => queue.addJobs('emails', given),
    { payload: 1 },
    'jobs must be a list, got an object',
  ],
  ['no jobs at all', (given) => queue.addJobs('emails', given), undefined, 'got undefined'],
  [
    'null among jobs',
    (given) => queue.addJobs('emails', given),
    [{ payload: 1 }, null],
    'job must be an object, got null',
  ],
  ['nothing to delete', (given) => queue.deleteJob(given), undefined, 'got undefined'],
  ['nothing to kick', (given) => queue.kickJob(given), null, 'got null'],
  ['nothing to find', (given) => queue.findJob(given), undefined, 'got undefined'],
  ['an id to touch', (given) => queue.touchJob(given), '1', 'got "1"'],
  ['an id to release', (given) => queue.releaseJob(given), '1', 'got "1"'],
  ['nothing to bury', (given) => queue.buryJob(given), undefined, 'got undefined'],
  ['nothing to change', (given) => queue.changeJob(given, { priority: 1 }), undefined, 'got undefined'],
  [
    'no changes',
    (given) => queue.changeJob('1', given),
    {},
    'changes is empty: give payload, priority, delay',
  ],
  ['null for changes', (given) => queue.changeJob('1', given), null, 'changes must be an object, got null'],
  [
    'a change that is spelt wrong',
    (given) => queue.changeJob('1', given),
    { dealy: 1 },
    'unknown option dealy in changes; did you mean delay?',
  ],
  ['a delay that is none', (given) => queue.changeJob('1', given), { delay: -1 }, 'got -1'],
  ['a priority that is none', (given) => queue.changeJob('1', given), { priority: 0.5 }, 'got 0.5'],
  ['a kick that is half fresh', (given) => queue.kick('emails', 1, given), { fresh: 'yes' }, 'got "yes"'],
  [
    'a kick that is spelt wrong',
    (given) => queue.kickJob('1', given),
    { fersh: true },
    'unknown option fersh; did you mean fresh?',
  ],
])('refuses %s, with the value in the message', async (_what, call, given, value) => {
  await expect(call(given as never)).rejects.toThrow(
    coded('INVALID_JOB_OPTION', { message: expect.stringContaining(value) as string }),
  );
  expect(await queue.listPipelines()).toEqual([]);
});

it('refuses a handler that is none, and options that are none', async () => {
  await expect(queue.process('emails', undefined as never)).rejects.toThrow(coded('PROCESSOR_MISCONFIGURED'));
  await expect(queue.process('emails', () => {}, { transaction: 'no' as never })).rejects.toThrow(
    coded('PROCESSOR_MISCONFIGURED', {
      message: expect.stringContaining('transaction must be true or false, got "no"') as string,
    }),
  );
});

describe('a job reserved by hand', () => {
  it('is answered with its payload, or undefined when there is none', async () => {
    expect(await queue.getNextJobAndReserve('emails')).toBeUndefined();
    await queue.addJob('emails', 'hello');
    const job = await reserved();
    expect(job).toMatchObject({ pipeline: 'emails', payload: 'hello', attempt: 1, ttr: 60 });
    expect(await queue.getReservedCount('emails')).toBe(1);
  });

  it('is deleted, released or buried', async () => {
    await queue.addJobs('emails', [{ payload: 'a' }, { payload: 'b' }, { payload: 'c' }]);
    const [first, second, third] = [await reserved(), await reserved(), await reserved()];
    expect(await queue.deleteJob(first)).toBe(true);
    await queue.releaseJob(second, { delay: 60, priority: 7 });
    await queue.buryJob(third, { reason: 'not now' });
    expect(await queue.stats('emails')).toMatchObject({ ready: 0, reserved: 0, delayed: 1, buried: 1 });
    expect(await queue.findJob(second.id)).toMatchObject({ priority: 7, attempts: 1 });
    expect(await queue.getNextBuriedJob('emails')).toMatchObject({ id: third.id, reason: 'not now' });
  });

  it('is lost when its time is over: no verb changes it any more', async () => {
    await queue.addJob('emails', 'hello', { ttr: 60 });
    const job = await reserved();
    await queue.touchJob(job);
    now += 120_000;
    await expect(job.touch()).rejects.toThrow(ReservationLostError);
    expect(job.signal.reason).toBeInstanceOf(ReservationLostError);
    await expect(queue.touchJob(job)).rejects.toThrow(ReservationLostError);
    await expect(queue.deleteJob(job)).rejects.toThrow(ReservationLostError);
    await expect(queue.releaseJob(job)).rejects.toThrow(ReservationLostError);
    await expect(queue.buryJob(job)).rejects.toThrow(ReservationLostError);
    expect(await queue.getReadyCount('emails')).toBe(1);
  });

  it('can be settled once', async () => {
    await queue.addJob('emails', 'hello');
    const job = await reserved();
    await queue.releaseJob(job);
    await expect(queue.deleteJob(job)).rejects.toThrow(ReservationLostError);
    expect(await queue.getReadyCount('emails')).toBe(1);
  });

  it('is buried when its payload cannot be decoded', async () => {
    await backend.put('emails', [{ payload: 'no JSON', priority: 1, delay: 0, ttr: 60 }]);
    await expect(queue.getNextJobAndReserve('emails')).rejects.toThrow(UndecodablePayloadError);
    expect(await queue.getNextBuriedJob('emails')).toMatchObject({ raw: 'no JSON' });
  });

  it('goes back without counting an attempt when the application stops', async () => {
    const { app, queue: stopping } = await queueApplication([], { backend });
    await queue.addJob('emails', 'hello');
    await stopping.getNextJobAndReserve('emails');
    await app.close();
    await backend.connect();
    expect((await reserved()).attempt).toBe(1);
  });

  it('refuses a wrong wait, delay, priority or name', async () => {
    await queue.addJob('emails', 'hello');
    const job = await reserved();
    await expect(queue.getNextJobAndReserve('emails', { wait: Infinity })).rejects.toThrow(
      'wait must be a duration of 0 to 4294967295 seconds',
    );
    await expect(queue.getNextJobAndReserve([])).rejects.toThrow(InvalidPipelineNameError);
    await expect(queue.releaseJob(job, { delay: -1 })).rejects.toThrow('delay must be a duration');
    await expect(queue.buryJob(job, { priority: 0.5 })).rejects.toThrow('priority must be an integer');
    await queue.deleteJob(job);
  });
});

describe('many callers at once', () => {
  it('share the jobs, each one getting one', async () => {
    const callers = Array.from({ length: 20 }, () =>
      queue.getNextJobAndReserve<number>('emails', { wait: 10 }),
    );
    await queue.addJobs(
      'emails',
      Array.from({ length: 20 }, (_, payload) => ({ payload })),
    );
    const jobs = await Promise.all(callers);
    expect(new Set(jobs.map((job) => job?.payload)).size).toBe(20);
    await Promise.all(jobs.map(async (job) => job && (await queue.deleteJob(job))));
    expect(await queue.listPipelines()).toEqual([]);
  });

  it('do not wait for one another', async () => {
    const patient = queue.getNextJobAndReserve('emails', { wait: 10 });
    expect(await queue.getNextJobAndReserve('emails')).toBeUndefined();
    expect(await queue.getNextJobAndReserve('emails', { wait: 0.01 })).toBeUndefined();
    await queue.addJob('emails', 'hello');
    expect((await patient)?.payload).toBe('hello');
  });

  it('get nothing when the application stops', async () => {
    const { app, queue: stopping } = await queueApplication([], { backend });
    const waiting = stopping.getNextJobAndReserve('emails', { wait: 60 });
    await app.close();
    expect(await waiting).toBeUndefined();
    await expect(stopping.getNextJobAndReserve('emails')).rejects.toMatchObject({ code: 'BACKEND_CLOSED' });
    await backend.connect();
  });
});

describe('tending', () => {
  it('deletes, kicks and finds jobs that nobody holds', async () => {
    const [first, second] = await queue.addJobs('emails', [{ payload: 1, delay: 60 }, { payload: 2 }]);
    expect(await queue.kickJob(first as string)).toBe(true);
    expect(await queue.kickJob(first as string)).toBe(false);
    const [snapshot] = await queue.peek('emails', 'ready');
    expect(snapshot).toMatchObject({ id: first });
    if (snapshot) expect(await queue.deleteJob(snapshot)).toBe(true);
    expect(await queue.deleteJob(second as string)).toBe(true);
    expect(await queue.deleteJob(second as string)).toBe(false);
    expect(await queue.findJob(second as string)).toBeUndefined();
  });

  it('lists pages, kicks, clears and counts', async () => {
    await queue.addJobs(
      'emails',
      [1, 2, 3].map((payload) => ({ payload, delay: 60 })),
    );
    expect(await queue.getDelayedCount('emails')).toBe(3);
    expect(await queue.peek('emails', 'delayed', { offset: 1, limit: 1 })).toMatchObject([{ payload: 2 }]);
    expect(await queue.kick('emails', 2)).toBe(2);
    expect(await queue.getReadyCount('emails')).toBe(2);
    expect(await queue.clear('emails', 'ready')).toBe(2);
    expect(await queue.getBuriedCount('emails')).toBe(0);
    expect(await queue.listPipelines()).toEqual(['emails']);
    await expect(queue.kick('emails', 0)).rejects.toThrow('limit must be an integer');
    await expect(queue.peek('emails', 'lost' as 'ready')).rejects.toThrow('got "lost"');
    await expect(queue.clear('emails', 'reserved' as 'ready')).rejects.toThrow('got "reserved"');
  });

  it('kicks to a new start', async () => {
    const [first, second] = await queue.addJobs('emails', [{ payload: 1 }, { payload: 2 }]);
    for (let round = 0; round < 2; round += 1) {
      await queue.buryJob(await reserved());
      await queue.kick('emails', 1);
    }
    expect(await queue.findJob(first as string)).toMatchObject({ attempts: 2, kicks: 2 });
    await queue.buryJob(first as string);
    await queue.buryJob(second as string);
    expect(await queue.selectPipeline('emails').kick(1, { fresh: true })).toBe(1);
    expect(await queue.findJob(first as string)).toMatchObject({ state: 'ready', attempts: 0, kicks: 0 });
    expect(await queue.kickJob(second as string, { fresh: true })).toBe(true);
    expect(await queue.kickJob(second as string, { fresh: true })).toBe(false);
  });

  it('buries jobs that nobody holds', async () => {
    const [first, second] = await queue.addJobs('emails', [{ payload: 1 }, { payload: 2, delay: 60 }]);
    expect(await queue.buryJob(first as string, { reason: 'by hand', priority: 3 })).toBe(true);
    const [snapshot] = await queue.peek('emails', 'delayed');
    expect(snapshot && (await queue.buryJob(snapshot))).toBe(true);
    expect(await queue.peek('emails', 'buried')).toMatchObject([
      { id: first, reason: 'by hand', priority: 3, attempts: 0 },
      { id: second },
    ]);
    await queue.kickJob(first as string);
    const job = await reserved();
    expect(await queue.buryJob(job.id)).toBe(false);
    expect(await queue.buryJob(job, { reason: 'held' })).toBe(true);
    expect(await queue.findJob(job.id)).toMatchObject({ reason: 'held', attempts: 1 });
  });

  it('changes jobs that nobody holds, by the codec and the schema of their pipeline', async () => {
    const letters = definePipeline('letters', {
      schema: z.object({ to: z.string(), copies: z.number().default(1) }),
    });
    const id = await queue.addJob(letters, { to: 'ada' }, { delay: 60 });
    expect(await queue.changeJob(letters, id, { payload: { to: 'bob' }, priority: 5 })).toBe(true);
    expect(await queue.findJob(id)).toMatchObject({ payload: { to: 'bob' }, priority: 5, state: 'delayed' });
    await expect(queue.changeJob(letters, id, { payload: { to: 1 as never }, delay: 0 })).rejects.toThrow(
      coded('INVALID_PAYLOAD', { issues: [expect.objectContaining({ path: 'to' })] }),
    );
    await expect(queue.changeJob(id, { payload: () => 1, delay: 0 })).rejects.toThrow(InvalidPayloadError);
    expect(await queue.findJob(id)).toMatchObject({ payload: { to: 'bob' }, state: 'delayed' });
    expect(await queue.changeJob(definePipeline<number>('emails'), id, { payload: 1 })).toBe(false);
    expect(await queue.changeJob(id, { payload: { to: 'cem' }, delay: '0s' })).toBe(true);
    expect((await reserved('letters')).payload).toEqual({ to: 'cem' });
    expect(await queue.changeJob(id, { payload: null })).toBe(false);
    expect(await queue.changeJob('no id', { priority: 1 })).toBe(false);
  });

  it('changes, buries and restarts the job of a unique key', async () => {
    const letters = definePipeline('letters', { schema: z.object({ to: z.string() }) });
    const ada = { pipeline: letters, unique: 'ada' };
    const id = await queue.addJob(letters, { to: 'ada' }, { unique: 'ada', delay: 60 });
    expect(await queue.changeJob(ada, { payload: { to: 'bob' }, priority: 5 })).toBe(true);
    await expect(queue.changeJob(ada, { payload: { to: 1 as never }, delay: 0 })).rejects.toThrow(
      InvalidPayloadError,
    );
    expect(await queue.findJob(id)).toMatchObject({
      payload: { to: 'bob' },
      priority: 5,
      state: 'delayed',
    });
    expect(await queue.buryJob(ada, { reason: 'moved' })).toBe(true);
    expect(await queue.changeJob({ pipeline: 'letters', unique: 'ada' }, { payload: { to: 'cem' } })).toBe(
      true,
    );
    expect(await queue.kickJob(ada, { fresh: true })).toBe(true);
    expect(await queue.findJob(id)).toMatchObject({ payload: { to: 'cem' }, state: 'ready', kicks: 0 });
    const nobody = { pipeline: letters, unique: 'nobody' };
    expect(await queue.changeJob(nobody, { priority: 1 })).toBe(false);
    expect(await queue.buryJob(nobody)).toBe(false);
    expect(await queue.kickJob(nobody, { fresh: true })).toBe(false);
  });

  it('says what to do where the backend keeps jobs as they were put', async () => {
    const plain = Object.assign(Object.create(backend) as QueueBackend, { name: 'plain', features: {} });
    const { queue: fixed } = await queueApplication([], { backend: plain });
    const id = await fixed.addJob('emails', 1, { delay: 60 });
    for (const edit of [
      () => fixed.changeJob(id, { priority: 1 }),
      () => fixed.buryJob(id),
      () => fixed.kick('emails', 1, { fresh: true }),
      () => fixed.kickJob(id, { fresh: true }),
    ]) {
      await expect(edit()).rejects.toThrow(
        coded('UNSUPPORTED_BY_BACKEND', {
          message:
            'The plain backend cannot change or bury a job that nobody holds, or reset its attempts: delete the job and add it again.',
        }),
      );
    }
    expect(await fixed.kickJob(id, { fresh: false })).toBe(true);
  });

  it('pauses and resumes', async () => {
    await queue.addJob('emails', 'hello');
    await queue.pause('emails', 60);
    expect(await queue.getNextJobAndReserve('emails')).toBeUndefined();
    await queue.resume('emails');
    expect(await queue.getNextJobAndReserve('emails')).toBeDefined();
  });

  it('pauses until somebody resumes', async () => {
    await queue.addJob('emails', 'hello');
    await queue.pause('emails');
    now += 1000 * 365 * 86_400_000;
    expect(await queue.stats('emails')).toMatchObject({ ready: 1, pausedFor: Infinity });
    expect(await queue.getNextJobAndReserve('emails')).toBeUndefined();
    await expect(queue.pause('emails', Infinity)).rejects.toThrow('duration must be a duration');
    await queue.resume('emails');
    expect(await queue.getNextJobAndReserve('emails')).toBeDefined();
  });

  it('shows the first job alone where the backend cannot list', async () => {
    const plain = Object.assign(Object.create(backend) as QueueBackend, { features: {} });
    const { queue: unlisted } = await queueApplication([], { backend: plain });
    await unlisted.addJobs('emails', [{ payload: 1 }, { payload: 2 }]);
    expect(await unlisted.peek('emails', 'ready')).toMatchObject([{ payload: 1 }]);
    expect(await unlisted.peek('emails', 'buried')).toEqual([]);
    await expect(unlisted.peek('emails', 'ready', { offset: 1 })).rejects.toThrow(UnsupportedByBackendError);
    await expect(unlisted.peek('emails', 'reserved')).rejects.toThrow(UnsupportedByBackendError);
  });
});

describe('handles', () => {
  it('do for one pipeline what the service does', async () => {
    const emails = queue.selectPipeline<string>('emails');
    await emails.add('hello', { delay: 60 });
    await emails.addMany([{ payload: 'one' }, { payload: 'two' }]);
    expect(await emails.stats()).toMatchObject({ ready: 2, delayed: 1 });
    const job = await emails.getNextJobAndReserve();
    expect(job?.payload).toBe('one');
    expect(() => queue.selectPipeline('-no')).toThrow(InvalidPipelineNameError);
  });

  it('watch several pipelines, the most urgent job first', async () => {
    const watched = queue.watchPipeline<string>('emails', 'letters');
    await queue.addJob('emails', 'later');
    await queue.addJob('letters', 'first', { priority: 1 });
    await queue.addJob('parcels', 'never', { priority: 0 });
    expect((await watched.getNextJobAndReserve())?.payload).toBe('first');
    expect((await watched.getNextJobAndReserve())?.payload).toBe('later');
    expect(await watched.getNextJobAndReserve()).toBeUndefined();
  });
});
