import { systemClock } from '../../lib/backends/memory/clock';
import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import { definePipeline, type JobQueueService, type QueueBackend } from '../../lib/index';
import { coded } from '../support/coded';
import { closeApplications, queueApplication } from './application';

const invoices = definePipeline<{ order: number }>('invoices');
const invalid = (message: string) =>
  coded('INVALID_JOB_OPTION', { message: expect.stringContaining(message) as string });

let queue: JobQueueService;
let now: number;

beforeEach(async () => {
  now = Date.now();
  const backend = memoryBackend({ clock: { ...systemClock, now: () => now } });
  ({ queue } = await queueApplication([], { backend }));
});
afterEach(closeApplications);

describe('a unique job', () => {
  it('is added once, and every add returns its id', async () => {
    const first = await queue.addJob(invoices, { order: 7 }, { unique: 'order:7' });
    expect(await queue.addJob(invoices, { order: 7 }, { unique: 'order:7' })).toBe(first);
    expect(await queue.addJob(invoices, { order: 8 }, { unique: 'order:8' })).not.toBe(first);
    expect(await queue.getReadyCount(invoices)).toBe(2);
  });

  it('tells by addJobOnce whether it was added', async () => {
    const { id, added } = await queue.addJobOnce(invoices, { order: 7 }, { unique: 'order:7' });
    expect(added).toBe(true);
    expect(await queue.addJobOnce('invoices', 7, { unique: { key: 'order:7' } })).toEqual({
      id,
      added: false,
    });
    const once = await queue.selectPipeline(invoices).addOnce({ order: 8 }, { unique: 'order:8' });
    expect(once).toEqual({ id: expect.any(String) as string, added: true });
    expect(once.id).not.toBe(id);
  });

  it('is one of several that are added together, where one key may stand twice', async () => {
    const ids = await queue.addJobs(invoices, [
      { payload: { order: 7 }, unique: 'order:7' },
      { payload: { order: 7 }, unique: 'order:7' },
      { payload: { order: 8 } },
    ]);
    expect(ids).toHaveLength(3);
    expect(ids[0]).toBe(ids[1]);
    expect(await queue.getReadyCount(invoices)).toBe(2);
  });

  it('is replaced or debounced, with durations in words', async () => {
    const unique = { key: 'a', onConflict: 'debounce', maxWait: '5m' } as const;
    const id = await queue.addJob('index', 1, { unique, delay: '1m' });
    now += 50_000;
    expect(await queue.addJob('index', 2, { unique, delay: '1m' })).toBe(id);
    expect(await queue.findJob(id)).toMatchObject({ payload: 2, delay: 60 });
    now += 50_000;
    for (let minute = 0; minute < 3; minute += 1) {
      await queue.addJob('index', 3, { unique, delay: '1m' });
      now += 50_000;
    }
    await queue.addJob('index', 4, { unique, delay: '1m' });
    // 250 of the 300 seconds have passed.
    expect(await queue.findJob(id)).toMatchObject({ payload: 4, delay: 50 });
  });

  it('is not added again within the time of for, though it is done', async () => {
    const unique = { key: 'a', for: '1h' } as const;
    const { id } = await queue.addJobOnce('digest', 1, { unique });
    expect(await queue.deleteJob(id)).toBe(true);
    expect(await queue.addJobOnce('digest', 2, { unique })).toEqual({ id, added: false });
    now += 3_600_000;
    expect(await queue.addJobOnce('digest', 3, { unique })).toMatchObject({ added: true });
  });
});

describe('a unique key', () => {
  it('stands for its job: to find, to kick and to delete it', async () => {
    const handle = { pipeline: invoices, unique: 'order:7' };
    expect(await queue.findJob(handle)).toBeUndefined();
    expect(await queue.kickJob(handle)).toBe(false);
    expect(await queue.deleteJob(handle)).toBe(false);
    const id = await queue.addJob(invoices, { order: 7 }, { unique: 'order:7', delay: 60 });
    expect(await queue.findJob(handle)).toMatchObject({ id, state: 'delayed' });
    expect(await queue.kickJob({ pipeline: 'invoices', unique: 'order:7' })).toBe(true);
    expect(await queue.findJob(handle)).toMatchObject({ id, state: 'ready' });
    expect(await queue.deleteJob(handle)).toBe(true);
    expect(await queue.findJob(handle)).toBeUndefined();
  });

  it('does not delete the job while it runs', async () => {
    await queue.addJob(invoices, { order: 7 }, { unique: 'order:7' });
    const job = await queue.getNextJobAndReserve(invoices);
    expect(await queue.deleteJob({ pipeline: invoices, unique: 'order:7' })).toBe(false);
    expect(await queue.deleteJob(job!)).toBe(true);
  });

  it.each([
    ['empty', ''],
    ['longer than 255 characters', 'x'.repeat(256)],
    ['longer than 255 characters beyond the basic plane', '😀'.repeat(256)],
    ['with a NUL', 'a\0b'],
    ['with half of a surrogate pair', 'a\ud800'],
    ['that ends in a space', 'a '],
    ['that is a number', 7],
    ['that is null', null],
    ['that is a list', ['a']],
  ])('%s is refused', async (_what, key) => {
    const refused = coded('INVALID_JOB_OPTION');
    await expect(queue.addJob('mail', 1, { unique: key as string })).rejects.toThrow(refused);
    await expect(queue.addJob('mail', 1, { unique: { key: key as string } })).rejects.toThrow(refused);
    await expect(queue.addJobs('mail', [{ payload: 1, unique: key as string }])).rejects.toThrow(refused);
    await expect(queue.findJob({ pipeline: 'mail', unique: key as string })).rejects.toThrow(refused);
    expect(await queue.listPipelines()).toEqual([]);
  });

  it.each(['x', '😀'.repeat(255), ' a', 'Ä\n"\'\\'])('may be %j', async (key) => {
    const { id } = await queue.addJobOnce('mail', 1, { unique: key });
    expect(await queue.addJobOnce('mail', 1, { unique: key })).toEqual({ id, added: false });
  });
});

it.each<[what: string, unique: unknown, delay: number, message: string]>([
  ['no key', {}, 0, 'unique must be a text of 1 to 255 characters'],
  ['an option that is spelt wrong', { key: 'a', onconflict: 'keep' }, 0, 'did you mean onConflict?'],
  [
    'a conflict that there is not',
    { key: 'a', onConflict: 'drop' },
    0,
    'onConflict must be one of keep, replace, debounce, got "drop"',
  ],
  ['an end that there is not', { key: 'a', until: 'never' }, 0, 'until must be one of done, start'],
  ['maxWait without debounce', { key: 'a', maxWait: 5 }, 0, "maxWait belongs to onConflict: 'debounce'"],
  ['for with replace', { key: 'a', onConflict: 'replace', for: 5 }, 0, "for belongs to onConflict: 'keep'"],
  ['a for of nothing', { key: 'a', for: 0 }, 0, 'for must be a duration of 0.001'],
  ['a for that is no duration', { key: 'a', for: '1 hour' }, 0, 'got "1 hour"'],
  ['debounce without a delay', { key: 'a', onConflict: 'debounce' }, 0, 'delay must be longer than 0'],
  [
    'a maxWait shorter than the delay',
    { key: 'a', onConflict: 'debounce', maxWait: '5s' },
    20,
    'maxWait must be not shorter than the delay, which is 20 s, got "5s"',
  ],
])('unique refuses %s, with the rule', async (_what, unique, delay, message) => {
  await expect(queue.addJob('mail', 1, { unique: unique as string, delay })).rejects.toThrow(
    invalid(message),
  );
  expect(await queue.listPipelines()).toEqual([]);
});

it('addJobOnce refuses to be called without a key, and with afterCommit', async () => {
  await expect(queue.addJobOnce('mail', 1, {} as never)).rejects.toThrow(invalid('got undefined'));
  await expect(queue.addJobOnce('mail', 1, undefined as never)).rejects.toThrow(
    invalid('options must be an object'),
  );
  const options = { unique: 'a', afterCommit: {} };
  await expect(queue.addJobOnce('mail', 1, options as never)).rejects.toThrow(invalid('use addJob'));
});

it('a handle is refused with what it does not have', async () => {
  await expect(queue.findJob({ pipeline: 'no spaces', unique: 'a' })).rejects.toThrow(
    coded('INVALID_PIPELINE_NAME'),
  );
  await expect(queue.deleteJob({ pipeline: 'mail', unique: 'a', key: 'b' } as never)).rejects.toThrow(
    invalid('unknown option key in job'),
  );
});

it('a backend without the port refuses a key before anything is added, and says what to do', async () => {
  const sound = memoryBackend();
  await sound.connect();
  // As a backend of somebody's that knows of no keys.
  const without: QueueBackend = Object.assign(Object.create(sound) as QueueBackend, { features: {} });
  const { queue: other } = await queueApplication([], { backend: without });
  const refused = coded('UNSUPPORTED_BY_BACKEND', {
    message: expect.stringContaining('unique-jobs.md') as string,
  });
  await expect(other.addJobs('mail', [{ payload: 1 }, { payload: 2, unique: 'a' }])).rejects.toThrow(refused);
  await expect(other.findJob({ pipeline: 'mail', unique: 'a' })).rejects.toThrow(refused);
  expect(await other.listPipelines()).toEqual([]);
});
