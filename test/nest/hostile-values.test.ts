import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import { beanstalkdBackend } from '../../lib/beanstalkd';
import {
  BuryJob,
  definePipeline,
  InjectJobQueue,
  JobQueueError,
  JobQueueModule,
  type JobQueueService,
  OnJob,
  Process,
  Processor,
  ReleaseJob,
} from '../../lib/index';
import { sqlBackend, typeOrmBackend } from '../../lib/typeorm';
import { HOSTILE_VALUES, SECRET } from '../support/hostile-values';
import { until } from '../support/until';
import { application, closeApplications, queueApplication } from './application';

/* Every public entry that takes a value from code that is not compiled, with every value that breaks descriptions. */

let queue: JobQueueService;
beforeAll(async () => ({ queue } = await queueApplication()));
afterAll(closeApplications);

type Entry = (value: never) => unknown;

async function aJob() {
  await queue.addJob('held', 1);
  return (await queue.getNextJobAndReserve('held'))!;
}

/** Those that refuse whatever is none of theirs. */
const REFUSING: Readonly<Record<string, Entry>> = {
  'addJob, pipeline': (value) => queue.addJob(value, 1),
  'addJob, payload in an array': (value) => queue.addJob('p', [() => 1, value]),
  'addJob, delay': (value) => queue.addJob('p', 1, { delay: value ?? NaN }),
  'addJob, priority': (value) => queue.addJob('p', 1, { priority: value ?? NaN }),
  'addJob, ttr': (value) => queue.addJob('p', 1, { ttr: value ?? NaN }),
  'addJob, attempts': (value) => queue.addJob('p', 1, { attempts: value ?? NaN }),
  'addJob, backoff': (value) => queue.addJob('p', 1, { backoff: value }),
  'addJob, backoff.delay': (value) => queue.addJob('p', 1, { backoff: { type: 'fixed', delay: value } }),
  'addJob, backoff.type': (value) => queue.addJob('p', 1, { backoff: { type: value, delay: 1 } }),
  'addJob, backoff.jitter': (value) =>
    queue.addJob('p', 1, { backoff: { type: 'fixed', delay: 1, jitter: value ?? NaN } }),
  'addJob, afterCommit': (value) => queue.addJob('p', 1, { afterCommit: value }),
  'addJobs, pipeline': (value) => queue.addJobs(value, []),
  'addJobs, a job': (value) => queue.addJobs('p', [{ payload: 1 }, value]),
  'addJobs, an unknown option': (value) => queue.addJobs('p', [], { delay: value ?? 1 } as object),
  'process, pipeline': (value) => queue.process(value, () => {}),
  'process, a handler in an object': (value) => queue.process('p', { handler: value } as never),
  'process, concurrency': (value) => queue.process('p', () => {}, { concurrency: value ?? NaN }),
  'process, timeout': (value) => queue.process('p', () => {}, { timeout: value ?? NaN }),
  'process, transaction': (value) => queue.process('p', () => {}, { transaction: value ?? 1 }),
  'getNextJobAndReserve, pipeline': (value) => queue.getNextJobAndReserve(value),
  'getNextJobAndReserve, a pipeline of several': (value) => queue.getNextJobAndReserve(['p', value]),
  'getNextJobAndReserve, wait': (value) => queue.getNextJobAndReserve('p', { wait: value ?? NaN }),
  selectPipeline: (value) => queue.selectPipeline(value),
  watchPipeline: (value) => queue.watchPipeline('p', value),
  getNextBuriedJob: (value) => queue.getNextBuriedJob(value),
  'releaseJob, job': (value) => queue.releaseJob(value),
  'releaseJob, delay': async (value) => queue.releaseJob(await aJob(), { delay: value ?? NaN }),
  'releaseJob, priority': async (value) => queue.releaseJob(await aJob(), { priority: value ?? NaN }),
  'buryJob, priority': async (value) => queue.buryJob(await aJob(), { priority: value ?? NaN }),
  touchJob: (value) => queue.touchJob(value),
  getReadyCount: (value) => queue.getReadyCount(value),
  getDelayedCount: (value) => queue.getDelayedCount(value),
  getReservedCount: (value) => queue.getReservedCount(value),
  getBuriedCount: (value) => queue.getBuriedCount(value),
  'kick, pipeline': (value) => queue.kick(value, 1),
  'kick, limit': (value) => queue.kick('p', value),
  'kick, fresh': (value) => queue.kick('p', 1, { fresh: value ?? 1 }),
  'kickJob, fresh': (value) => queue.kickJob('1', { fresh: value ?? 1 }),
  'changeJob, priority': (value) => queue.changeJob('1', { priority: value ?? NaN }),
  'changeJob, delay': (value) => queue.changeJob('1', { delay: value ?? NaN }),
  'changeJob, changes of a definition': (value) => queue.changeJob(definePipeline('p'), '1', value),
  stats: (value) => queue.stats(value),
  'peek, pipeline': (value) => queue.peek(value, 'ready'),
  'peek, state': (value) => queue.peek('p', value),
  'peek, offset': (value) => queue.peek('p', 'ready', { offset: value ?? NaN }),
  'peek, limit': (value) => queue.peek('p', 'ready', { limit: value ?? NaN }),
  'pause, pipeline': (value) => queue.pause(value, 1),
  'pause, duration': (value) => queue.pause('p', value),
  resume: (value) => queue.resume(value),
  'clear, pipeline': (value) => queue.clear(value, 'ready'),
  'clear, state': (value) => queue.clear('p', value),
  'definePipeline, name': (value) => definePipeline(value),
  'definePipeline, schema in an object': (value) =>
    definePipeline('p', { schema: { schema: value } as never }),
  'ReleaseJob, delay': (value) => new ReleaseJob({ delay: value ?? NaN }),
  'ReleaseJob, priority': (value) => new ReleaseJob({ priority: value ?? NaN }),
  'BuryJob, priority': (value) => new BuryJob('a', { priority: value ?? NaN }),
  'forRoot, shutdownTimeout': (value) => start({ shutdownTimeout: value ?? NaN }),
  'forRoot, workers': (value) => start({ workers: value ?? 1 }),
  'forRoot, globalEnhancers': (value) => start({ globalEnhancers: value ?? 1 }),
  'forRoot, maxPayloadBytes': (value) => start({ maxPayloadBytes: value ?? NaN }),
  'forRoot, codec in an object': (value) => start({ codec: { encode: value } as never }),
  'forRoot, defaults.concurrency': (value) => start({ defaults: { concurrency: value ?? NaN } }),
  'forRootAsync, beside the factory': async (value) =>
    JobQueueModule.forRootAsync({ useFactory: () => ({}), other: value } as never),
  'beanstalkdBackend, host': (value) => beanstalkdBackend({ host: [value] as never }),
  'beanstalkdBackend, port': (value) => beanstalkdBackend({ port: value ?? NaN }),
  'beanstalkdBackend, timeout': (value) => beanstalkdBackend({ timeout: value ?? NaN }),
  'sqlBackend, migrate': (value) => sqlBackend('sqlite::memory:', { migrate: value ?? 1 }),
  'typeOrmBackend, compression': (value) => typeOrmBackend({ compression: value ?? 1 }),
  'forRoot, backend in an object': (value) => start({ backend: { backend: value } as never }),
};

function start(options: object): Promise<unknown> {
  return application({ imports: [JobQueueModule.forRoot({ backend: memoryBackend(), ...options })] });
}

describe.each(Object.entries(REFUSING))('%s', (_entry, call) => {
  it.each(Object.entries(HOSTILE_VALUES))('refuses %s with a typed error', async (what, value) => {
    const error: unknown = await attempt(call, value).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(JobQueueError);
    const { message } = error as Error;
    // A text is shown, but for its length: it is somebody's typing error.
    expect(message.length).toBeLessThan(600);
    if (what !== 'a symbol') expect(message).not.toContain(SECRET);
  });
});

async function attempt(call: Entry, value: unknown): Promise<unknown> {
  return call(value as never);
}

/** Those where some of the values are fine: an object without options says nothing. */
const OPTIONAL: Readonly<Record<string, Entry>> = {
  'addJob, payload': (value) => queue.addJob('p', value),
  'addJob, payload in an object': (value) => queue.addJob('p', { value }),
  'addJob, options': (value) => queue.addJob('p', 1, value),
  'addJob, manager': (value) => queue.addJob('p', 1, { manager: value }),
  'addJobs, jobs': (value) => queue.addJobs('p', value),
  'addJobs, options': (value) => queue.addJobs('p', [], value),
  'process, options': async (value) => (await queue.process('q', () => {}, value)).close(),
  'getNextJobAndReserve, options': (value) => queue.getNextJobAndReserve('p', value),
  deleteJob: (value) => queue.deleteJob(value),
  kickJob: (value) => queue.kickJob(value),
  'kick, options': (value) => queue.kick('p', 1, value),
  'kickJob, options': (value) => queue.kickJob('1', value),
  'buryJob, job': (value) => queue.buryJob(value),
  'changeJob, job': (value) => queue.changeJob(value, { priority: 1 }),
  'changeJob, job of a definition': (value) => queue.changeJob(definePipeline('p'), value, { priority: 1 }),
  'changeJob, changes': (value) => queue.changeJob('1', value),
  'changeJob, a unique key': (value) => queue.changeJob({ pipeline: 'p', unique: value }, { priority: 1 }),
  'changeJob, the pipeline of a key': (value) =>
    queue.changeJob({ pipeline: value, unique: 'a' }, { priority: 1 }),
  'changeJob, payload': (value) => queue.changeJob('1', { payload: value }),
  findJob: (value) => queue.findJob(value),
  'releaseJob, options': async (value) => queue.releaseJob(await aJob(), value),
  'buryJob, options': async (value) => queue.buryJob(await aJob(), value),
  'buryJob, reason': async (value) => queue.buryJob(await aJob(), { reason: value }),
  'peek, options': (value) => queue.peek('p', 'ready', value),
  'ReleaseJob, options': (value) => new ReleaseJob(value),
  'BuryJob, reason': (value) => new BuryJob(value),
  'BuryJob, options': (value) => new BuryJob('a', value),
  'definePipeline, options': (value) => definePipeline('p', value),
  'forRoot, defaults': (value) => start({ defaults: value }),
  'forRootAsync, options': async (value) => JobQueueModule.forRootAsync(value),
  'beanstalkdBackend, options': (value) => beanstalkdBackend(value),
  'sqlBackend, options': (value) => sqlBackend('sqlite::memory:', value),
  'typeOrmBackend, options': (value) => typeOrmBackend(value),
  'forRoot, backend': (value) => start({ backend: value ?? 5 }),
  'forRoot, codec': (value) => start({ codec: value ?? 5 }),
  'forRoot, currentTransaction': (value) => start({ currentTransaction: value ?? 5 }),
};

describe.each(Object.entries(OPTIONAL))('%s', (_entry, call) => {
  it.each(Object.entries(HOSTILE_VALUES))(
    'takes %s, or refuses it with a typed error',
    async (_what, value) => {
      const error: unknown = await attempt(call, value).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error !== undefined) expect(error).toBeInstanceOf(JobQueueError);
    },
  );
});

describe('thrown', () => {
  @Processor('hostile')
  class Thrower {
    static readonly heard: unknown[] = [];

    constructor(@InjectJobQueue() readonly queue: JobQueueService) {}

    @Process()
    handle({ payload }: { payload: string }): never {
      throw HOSTILE_VALUES[payload];
    }

    @OnJob('buried')
    listen({ error }: { error?: unknown }): never {
      Thrower.heard.push(error);
      throw HOSTILE_VALUES['a null prototype'];
    }
  }

  it('by a handler and by a listener, each of them buries its own job and no other', async () => {
    const own = await queueApplication([Thrower]);
    const names = Object.keys(HOSTILE_VALUES);
    for (const payload of names) await own.queue.addJob('hostile', payload);
    await until('all are buried', async () => (await own.queue.getBuriedCount('hostile')) === names.length);
    expect(Thrower.heard).toHaveLength(names.length);
    for (const { reason } of await own.queue.peek('hostile', 'buried', { limit: 100 })) {
      expect(typeof reason).toBe('string');
    }
  });
});
