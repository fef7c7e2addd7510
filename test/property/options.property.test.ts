import { join } from 'node:path';
import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import fc from 'fast-check';
import { beanstalkdBackend } from '../../lib/beanstalkd';
import { JobQueueBoardModule } from '../../lib/bull-board';
import {
  definePipeline,
  JobQueueError,
  JobQueueModule,
  JobQueueService,
  OnJob,
  Process,
  Processor,
} from '../../lib/index';
import { workerCommandOptions } from '../../lib/nest/worker-command/command-line';
import { openTelemetry } from '../../lib/opentelemetry';
import { JobQueueTester, memoryBackend } from '../../lib/testing';
import { jobQueueMigration, sqlBackend, typeOrmBackend } from '../../lib/typeorm';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { type Hostile, hostile } from './hostile';

/*
 * Whatever stands in place of an option of the module, a decorator, a backend or a tool: the application starts, or is
 * refused with one of our errors; nothing else is thrown.
 */

// Forty applications start in each of many tests.
jest.setTimeout(30_000);

type Entry = (given: never) => unknown;

/** Where a queue is that nobody has named. */
let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder();
  process.env['JOB_QUEUE_URL'] = `sqlite:${join(folder.path, 'jobs.sqlite')}`;
});
afterAll(async () => {
  delete process.env['JOB_QUEUE_URL'];
  await folder.remove();
});

async function startedWith(
  queue: DynamicModule,
  providers: (new () => object)[] = [],
  used: (app: INestApplicationContext) => unknown = () => undefined,
): Promise<void> {
  class RootModule {}
  const app = await NestFactory.createApplicationContext(
    { module: RootModule, imports: [queue], providers },
    { logger: false, abortOnError: false },
  );
  try {
    await used(app);
  } finally {
    await app.close();
  }
}

/** Starts an application with that option, and adds a job that a handler takes. */
function started(options: object, providers: (new () => object)[] = []): Promise<void> {
  const queue = JobQueueModule.forRoot({ backend: memoryBackend(), ...options });
  return startedWith(queue, [Handler, ...providers], (app) =>
    app.get(JobQueueService).addJob('p', { to: 'Ada' }),
  );
}

@Processor('p')
class Handler {
  @Process()
  handle(): void {}
}

function processor(target: never, options?: never): Promise<void> {
  @Processor(target, options)
  class Processed {
    @Process('other')
    handle(): void {}
  }
  return started({}, [Processed]);
}

function handler(pipeline: never, options?: never): Promise<void> {
  @Processor()
  class Processed {
    @Process(pipeline, options)
    handle(): void {}
  }
  return started({}, [Processed]);
}

function listener(event: never, filter?: never): Promise<void> {
  @Processor()
  class Listening {
    @OnJob(event, filter)
    listen(): void {}
  }
  return started({}, [Listening]);
}

const option =
  (name: string): Entry =>
  (given) =>
    started({ [name]: given });

const HANDLER_OPTIONS = [
  'concurrency',
  'attempts',
  'backoff',
  'timeout',
  'ttr',
  'maxLost',
  'prefetch',
  'keep',
];

const entries: Readonly<Record<string, Entry>> = {
  ...Object.fromEntries(
    [
      'workers',
      'defaults',
      'globalEnhancers',
      'shutdownTimeout',
      'codec',
      'maxPayloadBytes',
      'context',
      'telemetry',
      'logging',
    ].map((name) => [`forRoot, ${name}`, option(name)]),
  ),
  'forRoot, options': (given) => startedWith(JobQueueModule.forRoot(given)),
  'forRoot, name': (name) => startedWith(JobQueueModule.forRoot({ backend: memoryBackend(), name })),
  'forRootAsync, options': (given) => JobQueueModule.forRootAsync(given),
  'forRoot, backend': (backend) => started({ backend }),
  'forRoot, workers, one of them': (given) => started({ workers: ['p', given] }),
  'forRoot, context.capture': (capture) =>
    started({ context: { capture, run: (_: unknown, next: () => unknown) => next() } }),
  'forRoot, context.run': (run) => started({ context: { capture: () => ({}), run } }),
  'forRoot, what context.capture returns': (given) =>
    started({
      context: { capture: () => given as unknown, run: (_: unknown, next: () => unknown) => next() },
    }),
  'forRoot, what codec.encode returns': (given) =>
    started({ codec: { encode: () => given as unknown, decode: (text: string) => text } }),
  // What a function of the application's own throws, it throws.
  'forRoot, currentTransaction': (given) =>
    started({ currentTransaction: typeof given === 'function' ? undefined : (given as unknown) }),
  'forRoot, what currentTransaction returns': (given) =>
    started({ currentTransaction: () => given as unknown }),
  'forRoot, logging.buried': (buried) => started({ logging: { buried } }),
  'forRoot, an option that there is not': (given) => started({ worker: given as unknown }),
  ...Object.fromEntries(
    HANDLER_OPTIONS.flatMap((name): [string, Entry][] => [
      [`forRoot, defaults.${name}`, (given) => started({ defaults: { [name]: given as unknown } })],
      [`@Process, ${name}`, (given) => handler('q' as never, { [name]: given } as never)],
    ]),
  ),
  '@Processor, pipeline': (given) => processor(given),
  '@Processor, options': (given) => processor('q' as never, given),
  '@Processor, queue': (queue) => processor({ pipeline: 'q', queue } as never),
  '@Process, pipeline': (given) => handler(given),
  '@Process, options': (given) => handler('q' as never, given),
  '@Process, cron': (cron) => handler('q' as never, { cron } as never),
  '@Process, every': (every) => handler('q' as never, { every } as never),
  '@Process, timeZone': (timeZone) => handler('q' as never, { cron: '@daily', timeZone } as never),
  '@Process, payload of a schedule': (payload) => handler('q' as never, { every: '1h', payload } as never),
  '@OnJob, event': (given) => listener(given),
  '@OnJob, filter': (given) => listener('buried' as never, given),
  '@OnJob, pipeline of the filter': (pipeline) => listener('buried' as never, { pipeline } as never),
  'definePipeline, name': (given) => definePipeline(given),
  'definePipeline, schema': (given) => definePipeline('q', given),
  'sqlBackend, URL': (given) => sqlBackend(given),
  'sqlBackend, options': (given) => sqlBackend('sqlite:nothing.sqlite', given),
  'sqlBackend, pool': (pool) => sqlBackend({ pool }),
  'sqlBackend, transaction': (transaction) => sqlBackend('sqlite:nothing.sqlite', { transaction }),
  'typeOrmBackend, options': (given) => typeOrmBackend(given),
  'jobQueueMigration, options': (given) => jobQueueMigration(given),
  'jobQueueMigration, layout': (layout) => jobQueueMigration({ layout }),
  'jobQueueMigration, table': (table) => jobQueueMigration({ table }),
  'beanstalkdBackend, target': (given) => beanstalkdBackend(given),
  'beanstalkdBackend, host': (host) => beanstalkdBackend({ host }),
  'beanstalkdBackend, port': (port) => beanstalkdBackend({ port }),
  'beanstalkdBackend, timeout': (timeout) => beanstalkdBackend({ timeout }),
  'openTelemetry, options': (given) => openTelemetry(given),
  'openTelemetry, gauges': (gauges) => openTelemetry({ gauges }),
  'JobQueueBoardModule, options': (given) => JobQueueBoardModule.forRoot(given),
  'JobQueueBoardModule, pipelines': (pipelines) =>
    JobQueueBoardModule.forRoot({ route: '/board', pipelines }),
  'JobQueueTester, options': (given) => new JobQueueTester(given),
  'JobQueueTester, now': (now) => new JobQueueTester({ now }),
  'JobQueueTester, advance': (given) => new JobQueueTester().advance(given),
  ...Object.fromEntries(
    [
      'pipelines',
      'concurrency',
      'maxJobs',
      'maxTime',
      'maxMemory',
      'stopWhenEmpty',
      'once',
      'heartbeatFile',
      'json',
    ].map((name): [string, Entry] => [
      `runWorker, ${name}`,
      (given) => workerCommandOptions([], { [name]: given as unknown }, {}),
    ]),
  ),
};

it.each(Object.keys(entries))('%s is taken or refused with one of our errors', async (name) => {
  await fc.assert(
    fc.asyncProperty(hostile, async (given) => {
      await takenOrRefused(entries[name] as Entry, given);
    }),
    { numRuns: 40, seed: 1 },
  );
});

async function takenOrRefused(entry: Entry, { make }: Hostile): Promise<void> {
  try {
    await entry(make() as never);
  } catch (error) {
    if (!(error instanceof JobQueueError)) throw error;
    expect(error.message.length).toBeLessThan(2000);
  }
}
