import { AsyncLocalStorage } from 'node:async_hooks';
import { Test } from '@nestjs/testing';
import {
  type Job,
  type JobContext,
  type JobEvent,
  JobQueueModule,
  JobQueueService,
  OnJob,
  Process,
  Processor,
  ReleaseJob,
} from '../../lib/index';
import { JobQueueTester, JobQueueTestingModule, memoryBackend } from '../../lib/testing';
import { coded } from '../support/coded';
import { queuePlaces } from '../support/queue-places';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';
import { application, closeApplications, queueApplication } from './application';

const tenants = new AsyncLocalStorage<string | undefined>();
const context: JobContext<string> = {
  capture: () => tenants.getStore(),
  run: (tenant, next) => tenants.run(tenant, next),
};

afterEach(closeApplications);

const keeping = selectedBackends().filter((name) => name !== 'beanstalkd');

describe.each(keeping)('a context on %s', (name) => {
  it('goes through retries, kicks, schedules, transactions and jobs that add jobs', async () => {
    const place = await queuePlaces[name]();
    const { pipeline } = place;
    const [next, clock] = [`${pipeline}-next`, `${pipeline}-clock`];
    const seen: string[] = [];
    const note = (what: string) => seen.push(`${what} of ${tenants.getStore()}`);

    @Processor()
    class Tasks {
      constructor(private readonly queue: JobQueueService) {}

      @Process(pipeline, { attempts: 2, backoff: 0 })
      async run({ attempt }: Job): Promise<void> {
        note(`attempt ${attempt}`);
        if (attempt < 3) throw new Error('again');
        await this.queue.addJobs(next, [{ payload: 1 }, { payload: 2, unique: 'two' }]);
      }

      @Process(next)
      async last({ payload }: Job): Promise<void> {
        await Promise.resolve();
        note(`job ${String(payload)}`);
      }

      @Process(clock)
      tick({ schedule }: Job): void {
        note(`schedule ${schedule?.slice(-5)}`);
      }

      @OnJob('retried', { pipeline })
      async retried({ job }: JobEvent<'retried'>): Promise<void> {
        await Promise.resolve();
        note(`retry ${job.attempt}`);
      }

      @OnJob('buried', { pipeline })
      buried(): void {
        note('burial');
      }
    }

    const app = await application({
      imports: [JobQueueModule.forRoot({ backend: place.backend, context })],
      providers: [Tasks],
    });
    const queue = app.get(JobQueueService);
    const id = await tenants.run('blue', () => queue.addJob(pipeline, null));
    await until('it is buried', async () => seen.length === 4);
    expect(await queue.kickJob(id)).toBe(true);
    await until('all have run', async () => seen.length === 7);
    expect(seen.slice(0, 5)).toEqual([
      'attempt 1 of blue',
      'retry 1 of blue',
      'attempt 2 of blue',
      'burial of blue',
      'attempt 3 of blue',
    ]);
    expect(seen.slice(5).sort()).toEqual(['job 1 of blue', 'job 2 of blue']);
    await tenants.run('red', () =>
      queue.schedules.set(`${clock}-ticks`, { pipeline: clock, every: '9999d' }),
    );
    await queue.schedules.runNow(`${clock}-ticks`);
    await queue.addJob(clock, null);
    await until('the schedule has run', () => seen.length === 9);
    expect(seen.slice(7)).toEqual(['schedule ticks of red', 'schedule undefined of undefined']);
    await queue.schedules.remove(`${clock}-ticks`);
    await closeApplications();
    await place.remove();
  });
});

it('is asked for once a call, and stores nothing where there is none', async () => {
  const answers = ['blue', undefined, undefined];
  const { queue } = await queueApplication([], {
    context: { capture: () => answers.shift(), run: (_, next) => next() },
  });
  const [one, two] = await queue.addJobs('mail', [{ payload: 1 }, { payload: 2 }]);
  const three = await queue.addJob('mail', 3);
  const headersOf = async (id?: string) => (await queue.findJob(id!))?.headers;
  expect([await headersOf(one), await headersOf(two), await headersOf(three)]).toEqual([
    '{"context":"blue"}',
    '{"context":"blue"}',
    undefined,
  ]);
  expect(answers).toEqual([undefined]);
});

it('that cannot be stored refuses the add, and nothing is stored', async () => {
  const { queue } = await queueApplication([], {
    context: { capture: () => new Map(), run: (_, next) => next() },
  });
  await expect(queue.addJob('mail', 1)).rejects.toThrow(coded('INVALID_CONTEXT'));
  await expect(queue.addJobs('mail', [{ payload: 1 }])).rejects.toThrow(coded('INVALID_CONTEXT'));
  await expect(queue.addJobOnce('mail', 1, { unique: 'one' })).rejects.toThrow(coded('INVALID_CONTEXT'));
  await expect(queue.schedules.set('mails', { pipeline: 'mail', every: '1h' })).rejects.toThrow(
    coded('INVALID_CONTEXT'),
  );
  expect(await queue.stats('mail')).toMatchObject({ ready: 0, delayed: 0 });
  expect(await queue.schedules.list()).toEqual([]);
});

it('is there in a test with a JobQueueTester', async () => {
  const seen: unknown[] = [];

  @Processor('mail')
  class Mails {
    @Process()
    send({ attempt }: Job): void {
      seen.push(tenants.getStore());
      if (attempt === 1 && seen.length === 1) throw new ReleaseJob({ delay: '1s' });
    }
  }

  const module = await Test.createTestingModule({
    imports: [JobQueueTestingModule.forRoot({ context })],
    providers: [Mails],
  }).compile();
  await tenants.run('blue', () => module.get(JobQueueService).addJob('mail', 1));
  await module.get(JobQueueTester).drain({ throughDelays: true });
  expect(seen).toEqual(['blue', 'blue']);
  await module.close();
});

it('fails the start on a backend that keeps no headers, and says what to do', async () => {
  const memory = memoryBackend();
  const backend = Object.assign(Object.create(memory) as typeof memory, { name: 'mine', features: {} });
  await expect(queueApplication([], { backend, context })).rejects.toThrow(
    coded('UNSUPPORTED_BY_BACKEND', { message: expect.stringContaining('into the payload') }),
  );
  await expect(
    application({ imports: [JobQueueModule.forRoot({ backend: 'beanstalkd://127.0.0.1:1', context })] }),
  ).rejects.toThrow(coded('UNSUPPORTED_BY_BACKEND'));
});
