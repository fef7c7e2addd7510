import { join } from 'node:path';
import { ConsoleLogger, Injectable, Module, Scope } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import superjson from 'superjson';
import { DataSource } from 'typeorm';
import {
  definePipeline,
  InjectJobQueue,
  type Job,
  JobQueueModule,
  JobQueueService,
  Process,
  Processor,
} from '../../lib/index';
import { JobQueueTester, JobQueueTestingModule } from '../../lib/testing';
import type { TransactionalJob } from '../../lib/typeorm';
import { coded } from '../support/coded';
import { WorkerProcess } from '../support/worker-process';

interface Welcome {
  readonly to: string;
  readonly at?: Date;
}

const welcomes = definePipeline<Welcome>('welcomes');
const sent: string[] = [];

@Injectable()
class SignUps {
  constructor(private readonly queue: JobQueueService) {}

  async signUp(to: string): Promise<void> {
    await this.queue.addJob(welcomes, { to }, { delay: 60, priority: 10 });
  }
}

@Processor({ attempts: 3, backoff: 30 })
class WelcomeProcessor {
  constructor(private readonly queue: JobQueueService) {}

  @Process(welcomes)
  async welcome({ payload, attempt }: Job<Welcome>): Promise<void> {
    if (payload.to === 'nobody') throw new Error('no such address');
    if (payload.to === 'busy' && attempt < 3) throw new Error('mailbox busy');
    sent.push(payload.to);
    await this.queue.addJob('statistics', 'welcome');
  }

  @Process('statistics')
  count(): void {
    sent.push('counted');
  }
}

beforeEach(() => sent.splice(0));

describe('a service that adds jobs', () => {
  const compiled = async () => {
    const module = await Test.createTestingModule({
      imports: [JobQueueTestingModule.forRoot()],
      providers: [SignUps],
    }).compile();
    return { signUps: module.get(SignUps), jobs: module.get(JobQueueTester) };
  };

  it('is tested by what it added, in a module that is neither initialised nor closed', async () => {
    const { signUps, jobs } = await compiled();
    jobs.expectNothingAdded();
    await signUps.signUp('ada@example.org');

    jobs.expectAdded(welcomes, { to: 'ada@example.org' });
    jobs.expectAdded(
      welcomes,
      expect.objectContaining({ to: expect.stringContaining('ada') as string }) as Welcome,
    );
    jobs.expectAdded('welcomes', { to: 'ada@example.org' }, { delay: 60, priority: 10 });
    expect(jobs.added(welcomes)).toEqual([
      { pipeline: 'welcomes', payload: { to: 'ada@example.org' }, priority: 10, delay: 60, ttr: 60 },
    ]);
  });

  it('fails the test with what it added instead', async () => {
    const { signUps, jobs } = await compiled();
    await signUps.signUp('ada@example.org');
    expect(() => jobs.expectAdded(welcomes, { to: 'bob@example.org' })).toThrow(
      'No such job was added to welcomes. These were:\n  welcomes: {"to":"ada@example.org"}',
    );
    expect(() => jobs.expectAdded(welcomes, { to: 'ada@example.org' }, { delay: 0 })).toThrow('No such job');
    expect(() => jobs.expectAdded('others')).toThrow('No such job was added to others. Nothing was added.');
    expect(() => jobs.expectNothingAdded(welcomes)).toThrow('Nothing should have been added to welcomes');
    jobs.expectNothingAdded('others');
  });

  it('is told of unique jobs as they are: kept, replaced, or there already', async () => {
    const module = await Test.createTestingModule({ imports: [JobQueueTestingModule.forRoot()] }).compile();
    const [queue, jobs] = [module.get(JobQueueService), module.get(JobQueueTester)];
    await queue.addJob('index', 1, { unique: 'a' });
    await queue.addJob('index', 2, { unique: 'a' });
    await queue.addJob('index', 3, { unique: 'b' });
    jobs.expectAdded('index', 1, { unique: 'a' });
    expect(() => jobs.expectAdded('index', 2)).toThrow('No such job');
    expect(() => jobs.expectAdded('index', 1, { unique: 'b', delay: 5 })).toThrow(
      'No such job was added to index. These were:\n  index: 1, delay 0, unique "a"',
    );
    expect(() => jobs.expectAdded('index', 1, { uniqe: 'a' } as never)).toThrow('did you mean unique?');
    await queue.addJob('index', 4, { unique: { key: 'a', onConflict: 'replace' }, delay: 5 });
    expect(jobs.added('index').map(({ payload, delay, unique }) => [payload, delay, unique])).toEqual([
      [4, 5, 'a'],
      [3, 0, 'b'],
    ]);
    await module.close();
  });
});

describe('handlers', () => {
  const compiled = async (options = {}) => {
    const module = await Test.createTestingModule({
      imports: [JobQueueTestingModule.forRoot(options)],
      providers: [WelcomeProcessor],
    })
      .setLogger(new ConsoleLogger({ logLevels: [] }))
      .compile();
    return { queue: module.get(JobQueueService), jobs: module.get(JobQueueTester) };
  };

  it('run a debounced job when it is quiet, or when it has waited long enough', async () => {
    const { queue, jobs } = await compiled();
    const unique = { key: 'ada', onConflict: 'debounce', maxWait: '5m' } as const;
    const sign = (to: string) => queue.addJob(welcomes, { to }, { unique, delay: '2m' });
    for (const to of ['a', 'b', 'c']) {
      await sign(to);
      jobs.advance('1m');
      expect((await jobs.drain()).completed).toEqual([]);
    }
    await sign('d');
    await jobs.drain({ throughDelays: true });
    expect(sent).toEqual(['d', 'counted']);
    await sign('e');
    for (let minute = 0; minute < 4; minute += 1) {
      jobs.advance('1m');
      await sign('f');
    }
    jobs.advance('1m');
    await jobs.drain();
    expect(sent).toEqual(['d', 'counted', 'f', 'counted']);
  });

  it('run nothing more of a key for as long as it holds others off', async () => {
    const { queue, jobs } = await compiled();
    const sign = () => queue.addJobOnce(welcomes, { to: 'ada' }, { unique: { key: 'ada', for: '1h' } });
    await sign();
    await jobs.drain();
    expect(await sign()).toMatchObject({ added: false });
    jobs.advance('1h');
    expect(await sign()).toMatchObject({ added: true });
    await jobs.drain();
    expect(sent).toEqual(['ada', 'counted', 'ada', 'counted']);
  });

  it('run when the test says so, with the jobs that they add', async () => {
    const { queue, jobs } = await compiled();
    await queue.addJobs(welcomes, [{ payload: { to: 'ada' } }, { payload: { to: 'bob' } }]);
    expect(sent).toEqual([]);

    const { completed } = await jobs.drain();
    expect(sent.toSorted()).toEqual(['ada', 'bob', 'counted', 'counted']);
    expect(completed).toHaveLength(4);
    expect(completed[0]).toEqual({
      id: expect.any(String) as string,
      pipeline: 'welcomes',
      payload: { to: 'ada' },
      attempt: 1,
    });
    expect(await jobs.drain()).toEqual({ completed: [], retried: [], buried: [] });
  });

  it('have all run when a drain is over, however many, slow or scoped', async () => {
    @Processor('busy', { concurrency: 2 })
    class BusyProcessor {
      @Process()
      compute(): void {
        const end = performance.now() + 0.3;
        while (performance.now() < end);
      }
    }
    @Injectable({ scope: Scope.REQUEST })
    @Processor('scoped', { concurrency: 5 })
    class ScopedProcessor {
      @Process()
      handle(): void {}
    }
    const module = await Test.createTestingModule({
      imports: [JobQueueTestingModule.forRoot()],
      providers: [BusyProcessor, ScopedProcessor],
    }).compile();
    const queue = module.get(JobQueueService);
    for (const pipeline of ['busy', 'scoped']) {
      await queue.addJobs(pipeline, Array(300).fill({ payload: 1 }));
      expect((await module.get(JobQueueTester).drain()).completed).toHaveLength(300);
    }
  });

  it('see time pass when the test says so', async () => {
    const { queue, jobs } = await compiled();
    await queue.addJob(welcomes, { to: 'ada' }, { delay: 3600 });
    await jobs.drain();
    for (const impossible of [NaN, -5]) {
      expect(() => jobs.advance(impossible)).toThrow(coded('INVALID_JOB_OPTION'));
    }
    jobs.advance(3599);
    await jobs.drain();
    expect(sent).toEqual([]);
    jobs.advance(1);
    await jobs.drain();
    expect(sent).toEqual(['ada', 'counted']);
  });

  it('live through a time from one moment to the next', async () => {
    const { queue, jobs } = await compiled({ now: new Date('2026-10-24T18:00:00Z') });
    const seen: string[] = [];
    const note = (what: unknown) => void seen.push(`${String(what)} ${jobs.now.toISOString().slice(11, 23)}`);
    const options = { attempts: 3, backoff: '10m' } as const;
    await queue.process(
      'timed',
      async ({ payload, attempt }) => {
        note(payload);
        if (payload === 'fails' && attempt < 3) throw new Error('not yet');
        if (payload === 'fails') await queue.addJob('paused', 'adds');
      },
      options,
    );
    await queue.process('paused', ({ payload }) => note(payload));
    await queue.addJobs('timed', [
      { payload: 'fails', delay: '250ms' },
      { payload: 'at its end', delay: '1h' },
      { payload: 'later', delay: 3600.001 },
    ]);
    await queue.pause('paused', '30m');
    await queue.addJob('idle', 'nobody handles it', { delay: 1 });
    const { completed, retried } = await jobs.travel('1h');
    expect(seen).toEqual([
      'fails 18:00:00.250',
      'fails 18:10:00.250',
      'fails 18:20:00.250',
      'adds 18:30:00.000',
      'at its end 19:00:00.000',
    ]);
    expect([completed.length, retried.length]).toEqual([3, 2]);
    expect(jobs.now).toEqual(new Date('2026-10-24T19:00:00Z'));
    await queue.pause('timed');
    await jobs.travel('1s');
    expect(await queue.getReadyCount('timed')).toBe(1);
    await expect(jobs.travel(-1)).rejects.toThrow(coded('INVALID_JOB_OPTION'));
    for (const now of [new Date(NaN), 0 as never]) {
      expect(() => new JobQueueTester({ now })).toThrow(coded('INVALID_JOB_OPTION'));
    }
  });

  it('are tried again in the same drain when it goes through delays', async () => {
    const { queue, jobs } = await compiled();
    await queue.addJob(welcomes, { to: 'busy' });
    const { retried, completed } = await jobs.drain({ throughDelays: true });
    expect(retried.map(({ attempt, error }) => [attempt, (error as Error).message])).toEqual([
      [1, 'mailbox busy'],
      [2, 'mailbox busy'],
    ]);
    expect(completed.map(({ pipeline, attempt }) => [pipeline, attempt])).toEqual([
      ['welcomes', 3],
      ['statistics', 1],
    ]);
  });

  it('have their failures told, with the error and the reason', async () => {
    const { queue, jobs } = await compiled();
    await queue.addJob(welcomes, { to: 'nobody' });
    const { buried } = await jobs.drain({ throughDelays: true });
    expect(buried).toEqual([
      {
        id: expect.any(String) as string,
        pipeline: 'welcomes',
        payload: { to: 'nobody' },
        attempt: 3,
        error: new Error('no such address'),
        reason: expect.stringMatching(/^Error: no such address/) as string,
      },
    ]);
    expect(await queue.getBuriedCount(welcomes)).toBe(1);
  });

  it('run before addJob has resolved when the queue is inline', async () => {
    const { queue } = await compiled({ inline: true });
    await queue.addJob(welcomes, { to: 'ada' });
    expect(sent).toEqual(['ada', 'counted']);
  });
});

describe('a whole application', () => {
  @Processor({ pipeline: 'reports', queue: 'nightly' })
  class ReportProcessor {
    @Process()
    report(): void {
      sent.push('report');
    }
  }

  @Injectable()
  class Nights {
    constructor(@InjectJobQueue('nightly') readonly queue: JobQueueService) {}
  }

  @Module({
    imports: [
      // Nobody listens there: the test would fail if it connected.
      JobQueueModule.forRoot({ backend: 'postgres://user:password@127.0.0.1:1/nowhere' }),
      JobQueueModule.forRootAsync({
        name: 'nightly',
        useFactory: () => ({ backend: 'beanstalkd://127.0.0.1:1', defaults: { concurrency: 2 } }),
      }),
    ],
    providers: [WelcomeProcessor, ReportProcessor, SignUps, Nights],
  })
  class AppModule {}

  it('is tested without its servers, each queue by a tester of its own', async () => {
    const jobs = new JobQueueTester();
    const nightly = new JobQueueTester({ queue: 'nightly' });
    const builder = Test.createTestingModule({ imports: [AppModule] });
    const module = await nightly.replace(jobs.replace(builder)).compile();
    const app = await module.init();

    await app.get(SignUps).signUp('ada');
    await app.get(Nights).queue.addJob('reports', {});
    jobs.expectAdded(welcomes, { to: 'ada' });
    nightly.expectAdded('reports', {});
    jobs.expectNothingAdded('reports');

    await nightly.drain();
    expect(sent).toEqual(['report']);
    await expect(new JobQueueTester({ queue: 'nigthly' }).drain()).rejects.toThrow(
      coded('INVALID_CONFIGURATION'),
    );
    await jobs.drain({ throughDelays: true });
    expect(sent).toEqual(['report', 'ada', 'counted']);
    await app.close();
  });
});

it('is compared as the application’s codec decodes it, dates and maps by what they hold', async () => {
  const codec = { encode: superjson.stringify, decode: (text: string): unknown => superjson.parse(text) };
  const jobs = new JobQueueTester();
  const builder = Test.createTestingModule({
    imports: [JobQueueModule.forRoot({ backend: 'sqlite::memory:', codec })],
  });
  const module = await jobs.replace(builder).compile();
  const payload = { at: new Date(5), counts: new Map([['a', 1]]) };
  await module.get(JobQueueService).addJob('numbers', payload);
  jobs.expectAdded('numbers', payload);
  jobs.expectAdded('numbers', { ...payload, at: expect.any(Date) as Date });
  for (const other of [{ at: new Date(999) }, { counts: new Map([['z', 7]]) }]) {
    expect(() => jobs.expectAdded('numbers', { ...payload, ...other })).toThrow('No such job');
  }
});

it('refuses a manager that has no transaction, as production does', async () => {
  const dataSource = await new DataSource({ type: 'better-sqlite3', database: ':memory:' }).initialize();
  const module = await Test.createTestingModule({ imports: [JobQueueTestingModule.forRoot()] }).compile();
  await expect(
    module.get(JobQueueService).addJob('letters', 1, { manager: dataSource.manager }),
  ).rejects.toThrow(coded('INVALID_JOB_OPTION'));
  await dataSource.destroy();
});

it('changes schedules when a transaction commits, with a stand-in at once', async () => {
  const dataSource = await new DataSource({ type: 'better-sqlite3', database: ':memory:' }).initialize();
  const module = await Test.createTestingModule({ imports: [JobQueueTestingModule.forRoot()] }).compile();
  await module.init();
  const { schedules } = module.get(JobQueueService);
  const hourly = { pipeline: 'letters', every: '1h' } as const;
  const names = async () => (await schedules.list()).map(({ name }) => name);
  await dataSource.transaction(async (transaction) => {
    await schedules.set('committed', { ...hourly, transaction });
    expect(await names()).toEqual([]);
  });
  expect(await names()).toEqual(['committed']);
  await schedules.set('at once', { ...hourly, transaction: {} });
  expect(await schedules.runNow('at once', { transaction: {} })).toMatch(/^\d+$/);
  const failed = dataSource.transaction(async (transaction) => {
    expect(await schedules.remove('committed', { transaction })).toBe(true);
    expect(await schedules.pause('nobody', { transaction })).toBe(false);
    throw new Error('rolled back');
  });
  await expect(failed).rejects.toThrow('rolled back');
  expect(await names()).toEqual(['at once', 'committed']);
  await module.close();
  await dataSource.destroy();
});

describe('a handler in a transaction', () => {
  it('gets one of the test’s', async () => {
    @Processor('orders', { transaction: true, attempts: 1 })
    class OrderProcessor {
      constructor(private readonly queue: JobQueueService) {}

      @Process()
      async book({ manager, payload }: TransactionalJob<number>): Promise<void> {
        await manager.query('insert into bookings values (?)', [payload]);
        await this.queue.addJob('letters', payload, { manager });
        if (payload < 0) throw new Error('negative');
      }
    }
    const dataSource = await new DataSource({ type: 'better-sqlite3', database: ':memory:' }).initialize();
    await dataSource.query('create table bookings (number integer)');
    const module = await Test.createTestingModule({
      imports: [JobQueueTestingModule.forRoot({ transaction: (work) => dataSource.transaction(work) })],
      providers: [OrderProcessor],
    })
      .setLogger(new ConsoleLogger({ logLevels: [] }))
      .compile();
    const queue = module.get(JobQueueService);
    const jobs = module.get(JobQueueTester);
    await queue.addJobs('orders', [{ payload: 7 }, { payload: -1 }]);
    const { completed, buried } = await jobs.drain();
    expect([completed.length, buried.length]).toEqual([1, 1]);
    expect(await dataSource.query('select number from bookings')).toEqual([{ number: 7 }]);
    expect(jobs.added('letters').map(({ payload }) => payload)).toEqual([7]);
    await dataSource.destroy();
  });
});

it('leaves nothing open: a process that neither closes the module nor exits comes to its end', async () => {
  const child = new WorkerProcess(join(__dirname, 'testing-script.ts'));
  expect(await child.exitCode()).toBe(0);
  expect(child.output).toBe('completed 1\n');
});

it('drains under fake timers', async () => {
  jest.useFakeTimers();
  try {
    const module = await Test.createTestingModule({ imports: [JobQueueTestingModule.forRoot()] }).compile();
    await module.get(JobQueueService).process('mail', () => {});
    await module.get(JobQueueService).addJob('mail', {});
    expect((await module.get(JobQueueTester).drain()).completed).toHaveLength(1);
    await module.close();
  } finally {
    jest.useRealTimers();
  }
});
