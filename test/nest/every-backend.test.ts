import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject, Injectable } from '@nestjs/common';
import superjson from 'superjson';
import { z } from 'zod';
import { openBackend } from '../../lib/backends/open-backend';
import { newJob } from '../../lib/core/policy/job-options';
import {
  Attempt,
  BuryJob,
  definePipeline,
  getJobQueueToken,
  InjectJobQueue,
  JOB,
  type Job,
  type JobEvent,
  JobId,
  JobQueueModule,
  JobQueueService,
  OnJob,
  Payload,
  Process,
  Processor,
} from '../../lib/index';
import { memoryBackend } from '../../lib/testing';
import { type QueuePlace, queuePlaces } from '../support/queue-places';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';
import { application, closeApplications } from './application';

/* What lib/nest promises does not depend on the backend; here each one of them is beneath an application. */

describe.each(selectedBackends())('an application on %s', (name) => {
  const schema = z.object({ at: z.date(), pages: z.map(z.string(), z.bigint()), key: z.instanceof(Buffer) });
  const visit: z.infer<typeof schema> = {
    at: new Date(0),
    pages: new Map([['/', 12n]]),
    key: Buffer.from('äß'),
  };
  const codec = {
    encode: (payload: unknown) => superjson.stringify(payload),
    decode: (text: string) => superjson.parse<unknown>(text),
  };
  let place: QueuePlace;
  let seen: unknown[];

  beforeAll(async () => {
    superjson.registerCustom<Buffer, string>(
      {
        isApplicable: (value): value is Buffer => Buffer.isBuffer(value),
        serialize: (buffer) => buffer.toString('base64'),
        deserialize: (text) => Buffer.from(text, 'base64'),
      },
      'Buffer',
    );
    place = await queuePlaces[name]();
  });
  beforeEach(() => (seen = []));
  afterEach(closeApplications);
  afterAll(() => place.remove());

  it('has schemas, a codec, parameters, jobs to inject, handlers made at run time and a second queue', async () => {
    const visits = definePipeline(place.pipeline, { schema });

    @Injectable()
    class Counter {
      constructor(
        @Inject(JOB) private readonly job: Job<typeof visit>,
        @InjectJobQueue('letters') private readonly letters: JobQueueService,
      ) {}

      async count(): Promise<void> {
        seen.push(this.job.payload);
        await this.letters.addJob('letters', this.job.payload.at.getTime());
      }
    }

    @Processor(visits)
    class VisitProcessor {
      constructor(private readonly counter: Counter) {}

      @Process()
      async count(
        @Payload('pages') pages: Map<string, bigint>,
        @JobId() id: string,
        @Attempt() attempt: number,
      ): Promise<void> {
        seen.push(pages.get('/'), id.length > 0, attempt);
        await this.counter.count();
      }
    }
    const app = await application({
      imports: [
        JobQueueModule.forRoot({ backend: place.backend, codec }),
        JobQueueModule.forRoot({ name: 'letters', backend: memoryBackend() }),
      ],
      providers: [VisitProcessor, Counter],
    });
    const queue = app.get(JobQueueService);
    await queue.addJob(visits, visit);
    await until('the job is handled', () => seen.length === 4);
    expect(seen).toEqual([12n, true, 1, visit]);

    const mailed: unknown[] = [];
    const letters = app.get<JobQueueService>(getJobQueueToken('letters'));
    await letters.process('letters', ({ payload }) => mailed.push(payload));
    await until('the second queue works', () => mailed.length === 1);
    expect(mailed).toEqual([0]);

    await using other = await queue.process(`${place.pipeline}.other`, ({ payload }) => {
      mailed.push(payload);
      throw new BuryJob('seen');
    });
    await queue.addJob(other.pipeline, visit);
    await until('the job is buried', async () => (await queue.getBuriedCount(other.pipeline)) === 1);
    expect(mailed).toEqual([0, visit]);
    await queue.clear(other.pipeline, 'buried');
  });

  it('runs each job in an asynchronous context of its own, whoever registered its handler or woke it', async () => {
    const requests = new AsyncLocalStorage<string>();
    const app = await application({ imports: [JobQueueModule.forRoot({ backend: place.backend })] });
    const queue = app.get(JobQueueService);
    await requests.run('a request', () =>
      queue.process(place.pipeline, async ({ payload }) => {
        seen.push(requests.getStore());
        requests.enterWith(`job ${String(payload)}`);
        await Promise.resolve();
        seen.push(requests.getStore());
      }),
    );
    await requests.run('another request', () => queue.addJob(place.pipeline, 1));
    await until('the first has ended', () => seen.length === 2);
    await requests.run('a third request', () => queue.addJob(place.pipeline, 2));
    await until('the second has ended', () => seen.length === 4);
    expect(seen).toEqual([undefined, 'job 1', undefined, 'job 2']);
  });

  it('buries what another program has added and the schema refuses', async () => {
    const visits = definePipeline(place.pipeline, { schema });

    @Processor()
    class VisitProcessor {
      @Process(visits)
      count({ payload }: Job<typeof visit>): void {
        seen.push(payload);
      }

      @OnJob('buried')
      buried({ reason, job }: JobEvent<'buried'>): void {
        seen.push(reason.split('\n', 1)[0], job.attempt);
      }
    }
    const { backend } = place;
    const other = typeof backend === 'string' ? await openBackend(backend) : backend;
    await other.connect();
    await other.put(place.pipeline, [newJob(codec.encode({ ...visit, at: 'today' }))]);
    if (other !== backend) await other.close();
    const app = await application({
      imports: [JobQueueModule.forRoot({ backend: place.backend, codec })],
      providers: [VisitProcessor],
    });
    await until('the job is buried', () => seen.length === 2);
    expect(seen).toEqual([expect.stringMatching(/^InvalidPayloadError: .*at: /), 1]);
    expect(await app.get(JobQueueService).clear(visits, 'buried')).toBe(1);
  });
});
