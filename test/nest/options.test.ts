import { Logger } from '@nestjs/common';
import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import { beanstalkdBackend } from '../../lib/beanstalkd';
import { JobQueueModule, type JobQueueOptions, Process, Processor } from '../../lib/index';
import { sqlBackend, typeOrmBackend } from '../../lib/typeorm';
import { coded } from '../support/coded';
import { application, closeApplications, queueApplication } from './application';

afterEach(closeApplications);

const start = (options: object): Promise<unknown> =>
  application({ imports: [JobQueueModule.forRoot({ backend: memoryBackend(), ...options })] });

describe('an unknown option is refused with the nearest name', () => {
  it.each<[where: string, call: () => Promise<unknown>, message: string]>([
    [
      'forRoot',
      () => start({ shutdownTimout: 5 }),
      'unknown option shutdownTimout; did you mean shutdownTimeout?',
    ],
    [
      'forRoot, with no near name',
      () => start({ url: 'a' }),
      'unknown option url; there are backend, workers, defaults',
    ],
    [
      'defaults',
      () => start({ defaults: { concurency: 3 } }),
      'unknown option concurency in defaults; did you mean concurrency?',
    ],
    [
      'the result of forRootAsync',
      () =>
        application({
          imports: [JobQueueModule.forRootAsync({ useFactory: () => ({ bakend: 'a' }) as object })],
        }),
      'unknown option bakend; did you mean backend?',
    ],
    [
      'forRootAsync, beside the factory',
      async () =>
        application({
          imports: [JobQueueModule.forRootAsync({ useFactory: () => ({}), workers: false } as object)],
        }),
      'unknown option workers in forRootAsync; there are name, useFactory, useClass, useExisting, inject, imports',
    ],
    [
      'sqlBackend',
      async () => sqlBackend('sqlite::memory:', { tabel: 'a' } as object),
      'unknown option tabel; did you mean table?',
    ],
    [
      'typeOrmBackend',
      async () => typeOrmBackend({ datasource: 'a' } as object),
      'unknown option datasource; did you mean dataSource?',
    ],
    [
      'beanstalkdBackend',
      async () => beanstalkdBackend({ timout: 1 } as object),
      'unknown option timout; did you mean timeout?',
    ],
    [
      'addJob',
      async () => (await queueApplication()).queue.addJob('p', 1, { dealy: 5 } as object),
      'unknown option dealy; did you mean delay?',
    ],
    [
      'addJobs',
      async () => (await queueApplication()).queue.addJobs('p', [], { delay: 60 } as object),
      'unknown option delay; there are transaction, manager, afterCommit',
    ],
    [
      'a job of addJobs',
      async () => (await queueApplication()).queue.addJobs('p', [{ payload: 1, priorty: 5 } as never]),
      'unknown option priorty in job; did you mean priority?',
    ],
    [
      'a backoff',
      async () =>
        (await queueApplication()).queue.addJob('p', 1, { backoff: { type: 'fixed', dely: 5 } as never }),
      'unknown option dely in backoff; did you mean delay?',
    ],
    [
      'process',
      async () => (await queueApplication()).queue.process('p', () => {}, { concurency: 5 } as object),
      'unknown option concurency; did you mean concurrency?',
    ],
    [
      'peek',
      async () => (await queueApplication()).queue.peek('p', 'ready', { ofset: 5 } as object),
      'unknown option ofset; did you mean offset?',
    ],
  ])('in %s', async (_where, call, message) => {
    await expect(call()).rejects.toThrow(
      coded('INVALID_JOB_OPTION', { message: expect.stringContaining(message) as string }),
    );
  });

  it('at a decorator, with the class and the method', async () => {
    @Processor('p', { atempts: 3 } as object)
    class Wrong {
      @Process()
      handle(): void {}
    }
    await expect(queueApplication([Wrong])).rejects.toThrow(
      coded('PROCESSOR_MISCONFIGURED', {
        message: 'Wrong.handle: unknown option atempts; did you mean attempts?',
      }),
    );
  });
});

it('a concurrency that no database takes as a limit is refused', async () => {
  await expect(start({ defaults: { concurrency: 2 ** 31 } })).rejects.toThrow(
    'concurrency must be an integer from 1 to 2147483647, got 2147483648',
  );
});

it('a backend that the environment does not name is the default, for the compiler, too', async () => {
  const backend: string | undefined = process.env['NO_SUCH_VARIABLE'];
  const options: JobQueueOptions = { backend };
  expect(JobQueueModule.forRoot(options)).toMatchObject({ module: JobQueueModule });
});

describe('the ttr of a job', () => {
  @Processor('own', { ttr: '5m' })
  class Own {
    @Process({ pipeline: 'nearest', ttr: '2h' })
    nearest(): void {}
    @Process()
    own(): void {}
  }

  it('is its own, else its processor’s, else that of the queue', async () => {
    const { queue } = await queueApplication([Own], { workers: false, defaults: { ttr: 90 } });
    const ttrOf = async (pipeline: string, options = {}, from = queue) => {
      const job = await from.findJob(await from.addJob(pipeline, 1, options));
      return job && 'ttr' in job ? job.ttr : undefined;
    };
    expect(await ttrOf('own')).toBe(300);
    expect(await ttrOf('nearest')).toBe(7200);
    expect(await ttrOf('own', { ttr: '10s' })).toBe(10);
    expect(await ttrOf('other')).toBe(90);
    const { queue: plain } = await queueApplication();
    expect(await ttrOf('other', {}, plain)).toBe(60);
  });
});

it('a backoff as BullMQ takes it is warned of once, with its unit', async () => {
  const { queue } = await queueApplication();
  const warnings: unknown[] = [];
  Logger.overrideLogger({
    log: () => {},
    error: () => {},
    warn: (line: unknown) => warnings.push(line),
  });
  try {
    for (let job = 0; job < 2; job += 1) {
      await queue.addJob('p', job, { attempts: 2, backoff: { type: 'exponential', delay: 1000 } });
    }
    await queue.process('p', () => {}, { backoff: 5000 });
    await queue.process('q', () => {}, { backoff: { type: 'fixed', delay: '1000s' } });
  } finally {
    Logger.overrideLogger(false);
  }
  expect(warnings).toEqual([
    "addJob(): the backoff 1000 means 1000 seconds; write '1000ms' for milliseconds, or '1000s' if it is meant",
    "process('p'): the backoff 5000 means 5000 seconds; write '5000ms' for milliseconds, or '5000s' if it is meant",
  ]);
});
