import { Inject, Injectable, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { of } from 'rxjs';
import {
  BuryJob,
  definePipeline,
  type Job,
  type JobEvent,
  type JobOf,
  OnJob,
  Process,
  Processor,
  ReleaseJob,
} from '../../lib/index';
import { until } from '../support/until';
import { closeApplications, queueApplication } from './application';

interface Email {
  readonly to: string;
}

const seen: string[] = [];

@Processor('emails', { concurrency: 2 })
class EmailProcessor {
  @Process()
  async send(job: Job<Email>): Promise<void> {
    seen.push(`${job.payload.to} at attempt ${job.attempt}`);
  }
}

beforeEach(() => seen.splice(0));
afterEach(closeApplications);

describe('a handler is found', () => {
  const waysToProvide = {
    'as a class': [EmailProcessor],
    'by useClass': [{ provide: 'EMAILS', useClass: EmailProcessor }],
    'by useValue': [{ provide: 'EMAILS', useValue: new EmailProcessor() }],
    'by useFactory': [{ provide: 'EMAILS', useFactory: async () => new EmailProcessor() }],
    'once, beside an alias and a factory of the same instance': [
      { provide: 'SAME', inject: [EmailProcessor], useFactory: (same: EmailProcessor) => same },
      EmailProcessor,
      { provide: 'ALIAS', useExisting: EmailProcessor },
    ],
  };

  it.each(Object.entries(waysToProvide))('%s', async (_way, providers) => {
    const { queue } = await queueApplication(providers);
    await queue.addJob<Email>('emails', { to: 'a@example.org' });
    await until('the job is handled', () => seen.length === 1);
    expect(seen).toEqual(['a@example.org at attempt 1']);
    await until('the job is deleted', async () => (await queue.stats('emails')).reserved === 0);
  });

  it('that a class inherits', async () => {
    @Processor('newsletters')
    class NewsletterProcessor extends EmailProcessor {}
    const { queue } = await queueApplication([NewsletterProcessor]);
    await queue.addJob<Email>('newsletters', { to: 'b@example.org' });
    await until('the job is handled', () => seen.length === 1);
  });

  it('that stands beside others in its class, each for pipelines of its own', async () => {
    @Processor()
    class Several {
      @Process('first')
      one(job: Job): void {
        seen.push(`one ${job.pipeline}`);
      }

      @Process('second')
      @Process('third')
      other(job: Job): void {
        seen.push(`other ${job.pipeline}`);
      }
    }
    const { queue } = await queueApplication([Several]);
    for (const pipeline of ['first', 'second', 'third']) await queue.addJob(pipeline, null);
    await until('all are handled', () => seen.length === 3);
    expect(seen.sort()).toEqual(['one first', 'other second', 'other third']);
  });
});

it('a defined pipeline ties the payload to handler, producer and listener', async () => {
  const letters = definePipeline<Email>('letters');
  @Processor()
  class LetterProcessor {
    @Process(letters)
    send({ payload }: JobOf<typeof letters>): void {
      seen.push(payload.to);
    }

    @OnJob('completed', { pipeline: letters })
    completed({ job }: JobEvent<'completed'>): void {
      seen.push(job.pipeline);
    }
  }
  const { queue } = await queueApplication([LetterProcessor]);
  await queue.addJob(letters, { to: 'a' });
  await until('the job is completed', () => seen.length === 2);
  expect(seen).toEqual(['a', 'letters']);
  // @ts-expect-error: another payload does not compile.
  await queue.addJob(letters, { from: 'b' }, { delay: 60 });
  const job = await queue.selectPipeline(letters).getNextJobAndReserve();
  expect(job?.payload.to).toBeUndefined();
});

describe('a request-scoped processor', () => {
  it('is made for each job, which it can inject', async () => {
    @Injectable()
    class Tenant {}
    @Injectable({ scope: Scope.REQUEST })
    class Greeting {
      readonly text: string;

      constructor(@Inject(REQUEST) job: Job<Email>) {
        this.text = `hello ${job.payload.to}`;
      }
    }
    @Processor('emails')
    class ScopedProcessor {
      private calls = 0;

      constructor(
        private readonly greeting: Greeting,
        readonly tenant: Tenant,
      ) {}

      @Process()
      send(): void {
        seen.push(`${this.greeting.text} ${++this.calls}`);
      }

      @OnJob('completed')
      completed({ job }: JobEvent<'completed'>): void {
        seen.push(`completed ${job.id}`);
      }
    }
    const { queue } = await queueApplication([Tenant, Greeting, ScopedProcessor]);
    await queue.addJob<Email>('emails', { to: 'a' });
    await until('the first is handled', () => seen.includes('hello a 1'));
    await queue.addJob<Email>('emails', { to: 'b' });
    await until('the second is handled', () => seen.includes('hello b 1'));
  });

  it('may be transient', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    @Processor('emails')
    class TransientProcessor {
      private calls = 0;

      @Process()
      send(): void {
        seen.push(`call ${++this.calls}`);
      }
    }
    const { queue } = await queueApplication([TransientProcessor]);
    await queue.addJobs('emails', [{ payload: 1 }, { payload: 2 }]);
    await until('both are handled', () => seen.length === 2);
    expect(seen).toEqual(['call 1', 'call 1']);
  });
});

describe('the end of a handler', () => {
  @Processor('outcomes', { attempts: 2, backoff: 0 })
  class OutcomeProcessor {
    @Process()
    handle({ payload, attempt }: Job<string>): unknown {
      seen.push(`${payload} ${attempt}`);
      switch (payload) {
        case 'false':
          return false;
        case 'fails':
          throw new Error('no luck');
        case 'bury':
          throw new BuryJob('not wanted');
        case 'release':
          throw new ReleaseJob({ delay: 3600 });
        default:
          return of('an answer nobody else subscribes to');
      }
    }
  }

  it.each([
    ['deletes the job when it resolves', 'fine', { ready: 0, delayed: 0, buried: 0 }, 1],
    ['buries it when it answers false', 'false', { ready: 0, delayed: 0, buried: 1 }, 1],
    ['buries it when its attempts are spent', 'fails', { ready: 0, delayed: 0, buried: 1 }, 2],
    ['buries it for BuryJob', 'bury', { ready: 0, delayed: 0, buried: 1 }, 1],
    ['delays it for ReleaseJob', 'release', { ready: 0, delayed: 1, buried: 0 }, 1],
  ])('%s', async (_title, payload, stats, starts) => {
    const { queue } = await queueApplication([OutcomeProcessor]);
    await queue.addJob('outcomes', payload);
    await until('the job has come to rest', async () => {
      expect(seen).toHaveLength(starts);
      expect(await queue.stats('outcomes')).toMatchObject({ ...stats, reserved: 0 });
      return true;
    });
  });
});

describe('options', () => {
  it('count from the nearest: method, class, module', async () => {
    @Processor({ attempts: 2 })
    class Retrying {
      @Process('class')
      one(job: Job): void {
        this.fail(job);
      }

      @Process('method', { attempts: 3 })
      other(job: Job): void {
        this.fail(job);
      }

      private fail(job: Job): never {
        seen.push(job.pipeline);
        throw new Error('no luck');
      }
    }
    @Processor('module')
    class Plain {
      @Process()
      handle(job: Job): void {
        seen.push(job.pipeline);
        throw new Error('no luck');
      }
    }
    const { queue } = await queueApplication([Retrying, Plain], { defaults: { attempts: 4, backoff: 0 } });
    for (const pipeline of ['class', 'method', 'module']) {
      await queue.addJob(pipeline, null);
      await until('it is buried', async () => (await queue.getBuriedCount(pipeline)) === 1);
    }
    const startsOf = (pipeline: string): number => seen.filter((name) => name === pipeline).length;
    expect(['class', 'method', 'module'].map(startsOf)).toEqual([2, 3, 4]);
  });
});

describe('@OnJob', () => {
  @Processor('watched', { attempts: 2, backoff: 0 })
  class Watched {
    @Process()
    handle(): void {
      throw new Error('no luck');
    }

    @Process('unwatched-success')
    succeed(): void {}

    @OnJob('started', { pipeline: 'watched' })
    started({ job }: JobEvent<'started'>): void {
      seen.push(`started ${job.attempt}`);
    }

    @OnJob('retried')
    retried({ delay, error }: JobEvent<'retried'>): void {
      seen.push(`retried after ${delay}: ${String(error)}`);
    }

    @OnJob('buried')
    buried({ reason }: JobEvent<'buried'>): void {
      seen.push(`buried: ${reason.split('\n', 1)[0]}`);
    }
  }

  @Processor('other')
  class Other {
    @Process()
    handle(): void {}

    @OnJob('buried')
    buried(): void {
      seen.push('a job of a strange pipeline');
    }
  }

  @Processor()
  class Audit {
    @OnJob('completed')
    @OnJob('buried')
    ended({ job }: JobEvent<'completed'>): void {
      seen.push(`audit of ${job.pipeline}`);
    }
  }

  it('tells a class of its own pipelines alone', async () => {
    const { queue } = await queueApplication([Watched, Other]);
    await queue.addJob('watched', null);
    await until('it is buried', () => seen.includes('buried: Error: no luck'));
    expect(seen).toHaveLength(4);
    expect(seen).toEqual(
      expect.arrayContaining([
        'started 1',
        'retried after 0: Error: no luck',
        'started 2',
        'buried: Error: no luck',
      ]),
    );
  });

  it('tells a class without a pipeline of all', async () => {
    const { queue } = await queueApplication([Watched, Audit]);
    await queue.addJob('watched', null);
    await queue.addJob('unwatched-success', null);
    await until('both are told', () => seen.filter((line) => line.startsWith('audit')).length === 2);
    expect(seen).toContain('audit of watched');
    expect(seen).toContain('audit of unwatched-success');
  });
});
