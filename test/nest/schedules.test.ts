import { Test } from '@nestjs/testing';
import { z } from 'zod';
import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import {
  definePipeline,
  type HandlerOptions,
  type HandlerSchedule,
  type Job,
  JobQueueModule,
  JobQueueService,
  Process,
  Processor,
  type QueueBackend,
} from '../../lib/index';
import { JobQueueTester, JobQueueTestingModule } from '../../lib/testing';
import { coded } from '../support/coded';
import { until } from '../support/until';
import { application, closeApplications, queueApplication } from './application';

afterEach(closeApplications);

const says = (code: string, ...messages: string[]): Error =>
  coded(code, { message: expect.stringMatching(messages.join('.*')) as unknown });

const reports = definePipeline('reports', { schema: z.object({ day: z.string() }) });

/** Nest's own start of a test's application, with its queue in the hands of the tester. */
async function tested(...providers: (new () => object)[]) {
  const module = await Test.createTestingModule({
    imports: [JobQueueTestingModule.forRoot()],
    providers,
  }).compile();
  await module.init();
  return { queue: module.get(JobQueueService), jobs: module.get(JobQueueTester), module };
}

describe('queue.schedules', () => {
  it('keeps a schedule, tells its runs, and ends it', async () => {
    const { queue } = await queueApplication();
    const { schedules } = queue;
    await schedules.set('trial-ends', {
      pipeline: 'mail',
      cron: '0 9 * * 1-5',
      timeZone: 'Europe/Berlin',
      payload: { template: 'trial' },
      priority: 5,
      ttr: '2m',
      attempts: 3,
      backoff: '10s',
      missed: 'all',
      overlap: false,
    });
    expect(await schedules.get('trial-ends')).toEqual({
      name: 'trial-ends',
      pipeline: 'mail',
      cron: '0 9 * * 1-5',
      timeZone: 'Europe/Berlin',
      payload: '{"template":"trial"}',
      priority: 5,
      ttr: 120,
      retry: '{"attempts":3,"backoff":10}',
      missed: 'all',
      overlap: false,
      source: 'api',
      paused: false,
      next: expect.any(Date) as Date,
    });
    expect((await schedules.list()).map(({ name }) => name)).toEqual(['trial-ends']);
    expect(await schedules.list({ offset: 1, limit: 5 })).toEqual([]);
    const [first, second] = await schedules.next('trial-ends', 2);
    expect(first).toEqual((await schedules.get('trial-ends'))?.next);
    expect(second!.getTime()).toBeGreaterThan(first!.getTime());
    expect(await schedules.pause('trial-ends')).toBe(true);
    expect(await schedules.next('trial-ends', 2)).toEqual([]);
    expect(await schedules.resume('trial-ends')).toBe(true);
    expect(await schedules.remove('trial-ends')).toBe(true);
    expect(await schedules.remove('trial-ends')).toBe(false);
    expect(await schedules.get('trial-ends')).toBeUndefined();
  });

  it('adds the job that addJob would add', async () => {
    const { queue } = await queueApplication([], { defaults: { ttr: 90 } });
    await queue.schedules.set('daily', { pipeline: reports, every: '1d', payload: { day: 'today' } });
    const id = await queue.schedules.runNow('daily');
    expect(await queue.findJob(id)).toMatchObject({
      pipeline: 'reports',
      payload: { day: 'today' },
      ttr: 90,
      priority: 1024,
    });
    const job = await queue.getNextJobAndReserve(reports);
    expect(job).toMatchObject({ schedule: 'daily', payload: { day: 'today' } });
    expect(job!.slot).toEqual((await queue.schedules.get('daily'))?.last);
  });

  it('leaves jobs alone that no schedule has added', async () => {
    const { queue } = await queueApplication();
    await queue.addJob('mail', 1);
    expect(await queue.getNextJobAndReserve('mail')).toMatchObject({ schedule: undefined, slot: undefined });
  });

  it.each<[string, (queue: JobQueueService) => Promise<unknown>, Error]>([
    ['no rule', (q) => q.schedules.set('a', { pipeline: 'p' }), says('INVALID_SCHEDULE', 'needs cron')],
    [
      'a cron text that never fires',
      (q) => q.schedules.set('a', { pipeline: 'p', cron: '0 0 31 2 *' }),
      says('INVALID_SCHEDULE', '0 0 31 2', 'never fires'),
    ],
    [
      'a time zone that is none',
      (q) => q.schedules.set('a', { pipeline: 'p', cron: '@daily', timeZone: 'Berlin' }),
      says('INVALID_SCHEDULE', 'timeZone', '"Berlin"'),
    ],
    [
      'a time zone that is null, as of a user who has none',
      (q) => q.schedules.set('a', { pipeline: 'p', cron: '@daily', timeZone: null as never }),
      says('INVALID_SCHEDULE', 'timeZone', 'got null'),
    ],
    [
      'a length of time that is none',
      (q) => q.schedules.set('a', { pipeline: 'p', every: 'daily' as '1d' }),
      says('INVALID_SCHEDULE', 'every', '"daily"'),
    ],
    ['no name', (q) => q.schedules.set('', { pipeline: 'p', every: 5 }), says('INVALID_SCHEDULE', '""')],
    [
      'a pipeline that is none',
      (q) => q.schedules.set('a', { pipeline: 'two words', every: 5 }),
      says('INVALID_PIPELINE_NAME', 'two words'),
    ],
    [
      'an unknown option',
      (q) => q.schedules.set('a', { pipeline: 'p', every: 5, timezone: 'UTC' } as never),
      says('INVALID_JOB_OPTION', 'unknown option timezone; did you mean timeZone'),
    ],
    [
      'a delay, which is the schedule’s matter',
      (q) => q.schedules.set('a', { pipeline: 'p', every: 5, delay: 5 } as never),
      says('INVALID_JOB_OPTION', 'unknown option delay'),
    ],
    [
      'a priority out of range',
      (q) => q.schedules.set('a', { pipeline: 'p', every: 5, priority: -1 }),
      says('INVALID_JOB_OPTION', 'priority'),
    ],
    [
      'a payload that the schema refuses',
      (q) => q.schedules.set('a', { pipeline: reports, every: 5, payload: { day: 5 } as never }),
      says('INVALID_PAYLOAD', 'day'),
    ],
    [
      'a function, which only a decorator can have',
      (q) => q.schedules.set('a', { pipeline: 'p', every: 5, payload: () => 1 }),
      says('INVALID_PAYLOAD', 'function'),
    ],
    [
      'options that are none',
      (q) => q.schedules.set('a', 5 as never),
      says('INVALID_JOB_OPTION', 'an object'),
    ],
    [
      'a run of nobody',
      (q) => q.schedules.runNow('nobody'),
      says('INVALID_SCHEDULE', 'no schedule "nobody"'),
    ],
    [
      'runs of nobody',
      (q) => q.schedules.next('nobody', 1),
      says('INVALID_SCHEDULE', 'no schedule "nobody"'),
    ],
    ['no run', (q) => q.schedules.next('a', 0), says('INVALID_JOB_OPTION', 'count')],
    ['a name that is a number', (q) => q.schedules.get(5 as never), says('INVALID_SCHEDULE', '5')],
  ])('refuses %s, and stores nothing', async (_, call, error) => {
    const { queue } = await queueApplication();
    await expect(call(queue)).rejects.toThrow(error);
    expect(await queue.schedules.list()).toEqual([]);
  });

  it('says on a backend without schedules what to do instead', async () => {
    const { queue } = await queueApplication([], { backend: withoutSchedules() });
    const { schedules } = queue;
    const calls: (() => Promise<unknown>)[] = [
      () => schedules.set('a', { pipeline: 'p', every: 5 }),
      () => schedules.get('a'),
      () => schedules.list(),
      () => schedules.remove('a'),
      () => schedules.pause('a'),
      () => schedules.resume('a'),
      () => schedules.runNow('a'),
      () => schedules.next('a', 1),
    ];
    for (const call of calls)
      await expect(call()).rejects.toThrow(says('UNSUPPORTED_BY_BACKEND', 'a SQL queue beside it'));
  });
});

it('are not changed in a transaction of a backend that cannot', async () => {
  const { queue } = await queueApplication([], { backend: memoryBackend() });
  const transaction = {};
  const { schedules } = queue;
  const refused = says('UNSUPPORTED_BY_BACKEND', 'change a schedule within a transaction');
  await expect(schedules.set('a', { pipeline: 'p', every: 5, transaction })).rejects.toThrow(refused);
  await expect(schedules.remove('a', { transaction })).rejects.toThrow(refused);
  expect(await schedules.list()).toEqual([]);
});

/** As beanstalkd is. */
function withoutSchedules(): QueueBackend {
  const backend = memoryBackend();
  return Object.assign(Object.create(backend) as QueueBackend, {
    features: { listing: backend.features.listing },
  });
}

describe('@Process() with a schedule', () => {
  it('runs at each slot, and its job knows the slot', async () => {
    const ran: [string | undefined, Date | undefined, unknown][] = [];
    @Processor()
    class Second {
      @Process('second', { every: '1s', payload: { of: 'every second' } })
      handle({ schedule, slot, payload }: Job): void {
        ran.push([schedule, slot, payload]);
      }
    }
    const { queue } = await queueApplication([Second]);
    await until('it has run twice', () => ran.length >= 2);
    expect(ran[0]).toEqual(['second', expect.any(Date), { of: 'every second' }]);
    expect(ran[1]![1]!.getTime() - ran[0]![1]!.getTime()).toBe(1000);
    expect(await queue.schedules.get('second')).toMatchObject({
      name: 'second',
      pipeline: 'second',
      source: 'code',
      every: 1,
    });
  });

  it('is not stored, and does not run, in a process that works on no jobs', async () => {
    @Processor()
    class Second {
      @Process('second', { every: '1s' })
      handle(): void {}
    }
    const { queue } = await queueApplication([Second], { workers: false });
    expect(await queue.schedules.list()).toEqual([]);
  });

  it('keeps its next slot when the application starts again, and changes with its rule', async () => {
    const backend = memoryBackend();
    const started = async (schedule: HandlerSchedule & HandlerOptions) => {
      @Processor()
      class Report {
        @Process('report', schedule)
        handle(): void {}
      }
      const { app, queue } = await queueApplication([Report], { backend });
      const stored = await queue.schedules.get('report');
      await app.close();
      return stored;
    };
    const first = await started({ cron: '0 3 1 1 *' });
    expect(await started({ cron: '0 3 1 1 *', missed: 'all', priority: 3, ttr: 9 })).toEqual({
      ...first,
      missed: 'all',
      priority: 3,
      ttr: 9,
    });
    const moved = await started({ cron: '0 4 1 1 *' });
    expect(moved!.next!.getUTCHours()).toBe(4);
  });

  it('cannot be changed by the application, but paused and resumed', async () => {
    @Processor()
    class Report {
      @Process('report', { cron: '@daily' })
      handle(): void {}
    }
    const { queue } = await queueApplication([Report]);
    await expect(queue.schedules.set('report', { pipeline: 'report', every: 5 })).rejects.toThrow(
      says('INVALID_SCHEDULE', '"report" stands at a handler'),
    );
    await queue.schedules.pause('report');
    expect(await queue.schedules.get('report')).toMatchObject({ paused: true, source: 'code' });
  });

  it.each<[string, HandlerSchedule, string]>([
    ['a cron text that is none', { cron: 'daily' }, 'cron must be five fields'],
    ['a cron text that never fires', { cron: '0 0 31 2 *' }, 'never fires'],
    ['a payload without a rule', { payload: 1 }, 'needs cron'],
    ['a payload that JSON cannot hold', { cron: '@daily', payload: { at: 1n } }, 'payload'],
    ['a priority that is none', { cron: '@daily', priority: 1.5 }, 'priority'],
    [
      'a time zone that is null',
      { cron: '@daily', timeZone: null as never },
      'timeZone must be a name of the',
    ],
    ['an option that is spelt wrong', { cron: '@daily', timezone: 'UTC' } as never, 'did you mean timeZone?'],
    ['an option that there is not', { cron: '@daily', at: 5 } as never, 'there are concurrency, attempts,'],
    ['a rule that is spelt wrong', { crn: '@daily' } as never, 'did you mean cron?'],
  ])('fails the start with class and method for %s', async (_, schedule, message) => {
    @Processor()
    class Report {
      @Process('report', schedule)
      handle(): void {}
    }
    await expect(queueApplication([Report])).rejects.toThrow(
      says('PROCESSOR_MISCONFIGURED', 'Report.handle: ', message),
    );
  });

  it('fails the start when the pipeline’s schema refuses its payload, or the backend keeps no schedules', async () => {
    @Processor()
    class Report {
      @Process(reports, { cron: '@daily', payload: { day: 5 } as never })
      handle(): void {}
    }
    await expect(queueApplication([Report])).rejects.toThrow(
      says('PROCESSOR_MISCONFIGURED', 'Report.handle: ', 'day'),
    );
    @Processor()
    class Nightly {
      @Process('nightly', { cron: '@daily' })
      handle(): void {}
    }
    await expect(
      application({
        imports: [JobQueueModule.forRoot({ backend: withoutSchedules() })],
        providers: [Nightly],
      }),
    ).rejects.toThrow(says('PROCESSOR_MISCONFIGURED', 'Nightly.handle: ', 'cannot keep schedules'));
  });
});

describe('a schedule in a test', () => {
  const slots: string[] = [];
  const payloads: unknown[] = [];
  beforeEach(() => {
    slots.splice(0);
    payloads.splice(0);
  });

  @Processor()
  class Nightly {
    @Process('once', { cron: '0 3 * * *' })
    once({ slot }: Job): void {
      slots.push(`once ${slot?.toISOString().slice(11, 16)}`);
    }
    @Process('all', { cron: '0 3 * * *', missed: 'all' })
    all({ slot }: Job): void {
      slots.push(`all ${slot?.toISOString().slice(11, 16)}`);
    }
    @Process('skip', { cron: '0 3 * * *', missed: 'skip' })
    skip({ slot }: Job): void {
      slots.push(`skip ${slot?.toISOString().slice(11, 16)}`);
    }
  }

  @Processor()
  class Reports {
    @Process(reports, { cron: '@hourly', payload: (slot) => ({ day: slot.toISOString().slice(0, 10) }) })
    report({ payload, slot }: Job<{ day: string }>): void {
      payloads.push([payload.day, slot?.toISOString().slice(0, 10)]);
    }
  }

  it('runs when time is set forward, as its missed says of several slots', async () => {
    const { jobs, queue, module } = await tested(Nightly);
    const { next } = (await queue.schedules.get('once'))!;
    const later = (days: number) => (next!.getTime() - Date.now()) / 1000 + days * 86_400 + 3600;
    jobs.advance(later(2));
    await jobs.drain();
    expect(slots.sort()).toEqual(['all 03:00', 'all 03:00', 'all 03:00', 'once 03:00']);
    await jobs.drain();
    expect(slots).toHaveLength(4);
    await module.close();
  });

  it('runs at each slot of a time that a test lives through', async () => {
    const { jobs, module } = await tested(Nightly);
    await jobs.travel('3d');
    expect(slots.sort()).toEqual([
      ...Array<string>(3).fill('all 03:00'),
      ...Array<string>(3).fill('once 03:00'),
      ...Array<string>(3).fill('skip 03:00'),
    ]);
    await module.close();
  });

  it('gives its function the slot, when the job starts', async () => {
    const { jobs, queue, module } = await tested(Reports);
    jobs.advance('1h');
    const { completed } = await jobs.drain();
    expect(completed).toHaveLength(1);
    await queue.schedules.runNow('reports');
    await jobs.drain();
    expect(payloads).toHaveLength(2);
    for (const [day, slot] of payloads as [string, string][]) expect(day).toBe(slot);
    await queue.addJob(reports, { day: 'any' });
    await jobs.drain();
    expect(payloads.at(-1)).toEqual(['any', undefined]);
    await module.close();
  });

  it('tries a job again whose function fails, as of any handler', async () => {
    let calls = 0;
    @Processor()
    class Failing {
      @Process('failing', {
        cron: '@hourly',
        attempts: 2,
        payload: () => {
          calls += 1;
          if (calls === 1) throw new Error('not yet');
          return calls;
        },
      })
      handle({ payload }: Job): void {
        payloads.push(payload);
      }
    }
    const { jobs, module } = await tested(Failing);
    jobs.advance('1h');
    const { retried, completed } = await jobs.drain();
    expect([retried.length, completed.length]).toEqual([1, 1]);
    expect(payloads).toEqual([2]);
    await module.close();
  });
});
