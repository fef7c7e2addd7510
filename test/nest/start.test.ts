import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { ConsoleLogger, Injectable, Logger, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import { newJob } from '../../lib/core/policy/job-options';
import { JobQueueModule, JobQueueService, Process, Processor } from '../../lib/index';
import { isDevelopment } from '../../lib/nest/options/development';
import { startLine } from '../../lib/nest/workers/start-line';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';
import { WorkerProcess } from '../support/worker-process';
import { application, closeApplications, queueApplication } from './application';

const PASSWORD = 'pa55word';
const order: string[] = [];

@Processor('emails')
class EmailProcessor {
  @Process()
  send(): void {
    order.push('handler');
  }
}

beforeEach(() => order.splice(0));
afterEach(async () => {
  Logger.overrideLogger(false);
  await closeApplications();
  delete process.env['JOB_QUEUE_URL'];
});

async function turns(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await setImmediate();
}

it('handlers start after every onApplicationBootstrap of the application', async () => {
  @Injectable()
  class Cache implements OnApplicationBootstrap {
    async onApplicationBootstrap(): Promise<void> {
      order.push('provider begins');
      await turns();
      order.push('provider ends');
    }
  }
  const backend = memoryBackend();
  await backend.connect();
  await backend.put('emails', [newJob('1')]);

  @Module({
    imports: [
      JobQueueModule.forRoot({ backend }),
      JobQueueModule.forRoot({ name: 'other', backend: memoryBackend() }),
    ],
    providers: [EmailProcessor, Cache],
  })
  class RootModule implements OnApplicationBootstrap {
    async onApplicationBootstrap(): Promise<void> {
      await turns();
      order.push('module');
    }
  }
  const app = await NestFactory.createApplicationContext(RootModule, { logger: false });
  await until('the job is handled', () => order.includes('handler'));
  expect(order).toEqual(['provider begins', 'provider ends', 'module', 'handler']);
  await app.close();
});

it('no handler starts in an application that fails to start', async () => {
  class Failing implements OnApplicationBootstrap {
    async onApplicationBootstrap(): Promise<void> {
      await turns();
      throw new Error('no cache');
    }
  }
  const backend = memoryBackend();
  await backend.connect();
  await backend.put('emails', [newJob('1')]);
  await expect(
    application({
      imports: [JobQueueModule.forRoot({ backend })],
      providers: [EmailProcessor, Failing],
    }),
  ).rejects.toThrow('no cache');
  await turns();
  expect(order).toEqual([]);
});

it('a handler that has the application closed ends before it', async () => {
  const backend = memoryBackend();
  const { app, queue } = await queueApplication([], { backend });
  const closed: Promise<void>[] = [];
  await queue.process('emails', async () => {
    closed.push(app.close());
    await turns();
  });
  const id = await queue.addJob('emails', 1);
  await until('the application closes', () => closed.length === 1);
  await closed[0];
  await backend.connect();
  expect(await backend.inspect.find(id)).toBeUndefined();
});

describe('the log', () => {
  async function linesOf(run: () => Promise<void>): Promise<string[]> {
    const lines: string[] = [];
    const write = (line: unknown): void => void lines.push(String(line));
    const root = NestFactory.createApplicationContext.bind(NestFactory);
    jest.spyOn(NestFactory, 'createApplicationContext').mockImplementation(async (module, options) => {
      return root(module as never, { ...options, logger: { log: write, warn: write, error: write } });
    });
    try {
      await run();
      await closeApplications();
    } finally {
      jest.restoreAllMocks();
    }
    return lines.filter((line) => line.startsWith('Queue'));
  }

  it('says on what a queue starts, named where, and when it ends', async () => {
    expect(await linesOf(async () => void (await queueApplication([EmailProcessor])))).toEqual([
      'Queue started on memory (from the option backend); this process works on emails',
      'Queue has stopped',
    ]);
  });

  it('names the variable and no part of its URL', async () => {
    const folder = await temporaryFolder();
    process.env['JOB_QUEUE_URL'] = `sqlite:${join(folder.path, PASSWORD)}.sqlite`;
    const lines = await linesOf(async () => {
      await application({ imports: [JobQueueModule.forRoot({ workers: false })] });
    });
    expect(lines).toEqual([
      'Queue started on sqlite (from JOB_QUEUE_URL); this process works on no jobs',
      'Queue has stopped',
    ]);
    await folder.remove();
  });

  it('says that nobody has named a backend', () => {
    expect(startLine('sqlite', 'the default', ['a', 'b'])).toBe(
      'Queue started on sqlite:job-queue.sqlite, the default: neither the option backend nor JOB_QUEUE_URL is set; this process works on a, b',
    );
  });
});

describe('no password of a URL', () => {
  const backend = `postgres://user:${PASSWORD}@127.0.0.1:1/db?password=${PASSWORD}`;

  it('is in an inspected module or service', async () => {
    expect(inspect(JobQueueModule.forRoot({ backend }), { depth: 20 })).not.toContain(PASSWORD);
    const { queue, app } = await queueApplication();
    expect(inspect(queue, { depth: 20, showHidden: true })).not.toContain('backend');
    expect(JSON.stringify(queue)).toBe('{}');
    const printed: string[] = [];
    const stdout = jest
      .spyOn(process.stdout, 'write')
      .mockImplementation((text) => printed.push(String(text)) > 0);
    new ConsoleLogger().log(app.get(JobQueueService));
    stdout.mockRestore();
    expect(printed.join('')).toContain('JobQueueService');
    expect(printed.join('')).not.toContain('memory');
  });

  it('is in the error of a URL object', async () => {
    await expect(
      application({ imports: [JobQueueModule.forRoot({ backend: new URL(backend) as never })] }),
    ).rejects.toThrow(
      "backend must be a URL like 'sqlite:jobs.sqlite', or what typeOrmBackend() and its like return, got a URL.",
    );
  });
});

it.each<[NodeJS.ProcessEnv, boolean]>([
  [{}, false],
  [{ NODE_ENV: 'development' }, true],
  [{ NODE_ENV: 'production', npm_lifecycle_script: 'nest start --watch' }, false],
  [{ npm_lifecycle_script: 'nest start --watch' }, true],
  [{ npm_lifecycle_script: 'nest start --debug --watch' }, true],
  [{ npm_lifecycle_script: 'nest "start" "--watch"' }, true],
  [{ npm_lifecycle_script: 'nest start' }, false],
  [{ npm_lifecycle_script: 'node dist/watcher.js' }, false],
  [{ WATCH_REPORT_DEPENDENCIES: '1' }, true],
])('with %j a process is in development: %s', (environment, expected) => {
  expect(isDevelopment(environment)).toBe(expected);
});

describe('a process with requests and jobs', () => {
  const SCRIPT = join(__dirname, 'worker', 'web-process.ts');

  async function started(environment: NodeJS.ProcessEnv): Promise<[WorkerProcess, () => Promise<void>]> {
    const folder = await temporaryFolder();
    const url = `sqlite:${join(folder.path, 'queue.sqlite')}`;
    const worker = new WorkerProcess(SCRIPT, { environment: { JOB_QUEUE_URL: url, ...environment } });
    return [
      worker,
      async () => {
        await worker.kill();
        await folder.remove();
      },
    ];
  }

  it('is warned once when SIGTERM would end it in mid-job', async () => {
    const [worker, end] = await started({});
    await worker.prints('Shutdown hooks are not enabled');
    await worker.prints('handler runs');
    expect(worker.output.match(/Shutdown hooks are not enabled/g)).toHaveLength(1);
    await end();
  }, 60_000);

  it('gives its running job back at once in development, and says that it ends', async () => {
    const [worker, end] = await started({ HOOKS: '1', NODE_ENV: 'development' });
    await worker.prints('handler runs');
    worker.signal('SIGTERM');
    await worker.prints('Queue has stopped');
    expect(worker.output).toContain('1 job had not ended after 0 s, and will run again');
    expect(worker.output).not.toContain('Shutdown hooks are not enabled');
    await end();
  }, 60_000);
});
