import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import {
  type BackendProvider,
  getJobQueueBackendToken,
  getJobQueueToken,
  InjectJobQueue,
  InvalidConfigurationError,
  type Job,
  JobQueueModule,
  type JobQueueModuleOptions,
  type JobQueueOptionsFactory,
  JobQueueService,
  Process,
  Processor,
  type QueueBackend,
} from '../../lib/index';
import { until } from '../support/until';
import { application, closeApplications, queueApplication } from './application';

const handled: string[] = [];

@Processor('emails')
class EmailProcessor {
  @Process()
  send(job: Job<string>): void {
    handled.push(job.payload);
  }
}

beforeEach(() => handled.splice(0));
afterEach(async () => {
  await closeApplications();
  delete process.env.JOB_QUEUE_URL;
  delete process.env.JOB_QUEUE_WORKERS;
});

async function expectToWork(queue: JobQueueService): Promise<void> {
  await queue.addJob('emails', 'hello');
  await until('the job is handled', () => handled.includes('hello'));
}

describe('forRoot', () => {
  it('takes a backend, and is global', async () => {
    @Injectable()
    class Feature {
      constructor(
        readonly queue: JobQueueService,
        @Inject(getJobQueueBackendToken()) readonly backend: QueueBackend,
      ) {}
    }
    @Module({ providers: [Feature] })
    class FeatureModule {}
    const backend = memoryBackend();
    const app = await application({
      imports: [FeatureModule, JobQueueModule.forRoot({ backend })],
      providers: [EmailProcessor],
    });
    expect(app.get(Feature).backend).toBe(backend);
    await expectToWork(app.get(Feature).queue);
  });

  it('lets others add jobs from their onModuleInit on', async () => {
    @Injectable()
    class Starter implements OnModuleInit {
      constructor(private readonly queue: JobQueueService) {}

      async onModuleInit(): Promise<void> {
        await this.queue.addJob('emails', 'early');
      }
    }
    await queueApplication([EmailProcessor, Starter]);
    await until('the job is handled', () => handled.includes('early'));
  });

  it('takes a URL, and JOB_QUEUE_URL when nothing is said', async () => {
    process.env.JOB_QUEUE_URL = 'nonsense://host';
    await expect(application({ imports: [JobQueueModule.forRoot()] })).rejects.toThrow('"nonsense:"');
    await expect(
      application({ imports: [JobQueueModule.forRoot({ backend: 'http://host' })] }),
    ).rejects.toThrow('"http:"');
  });

  it('takes a provider of a backend, made of what other modules are still making', async () => {
    const STORE = Symbol('store');
    @Module({
      providers: [{ provide: STORE, useFactory: () => delay(50, memoryBackend()) }],
      exports: [STORE],
    })
    class StoreModule {}
    const provider: BackendProvider = { inject: [STORE], useFactory: (store: QueueBackend) => store };
    const app = await application({
      imports: [
        JobQueueModule.forRootAsync({ imports: [StoreModule], useFactory: () => ({ backend: provider }) }),
      ],
      providers: [EmailProcessor],
    });
    await expectToWork(app.get(JobQueueService));
  });

  it('refuses what is no backend and impossible options', async () => {
    const start = (options: object): Promise<unknown> =>
      application({ imports: [JobQueueModule.forRoot(options)] });
    await expect(start({ backend: {} })).rejects.toThrow(InvalidConfigurationError);
    await expect(start({ backend: memoryBackend(), shutdownTimeout: -1 })).rejects.toThrow(
      'shutdownTimeout must be',
    );
    await expect(start({ backend: memoryBackend(), defaults: { attempts: 0 } })).rejects.toThrow(
      'attempts must be',
    );
    await expect(start({ backend: memoryBackend(), maxPayloadBytes: 0.5 })).rejects.toThrow(
      'maxPayloadBytes must be',
    );
    await expect(start({ backend: memoryBackend(), workers: 'false' })).rejects.toThrow(
      'workers must be true, false, or a list of pipelines',
    );
    await expect(start({ backend: memoryBackend(), codec: {} })).rejects.toThrow(
      'codec.encode must be a function, got undefined: use { encode',
    );
    await expect(start({ backend: memoryBackend(), currentTransaction: 5 })).rejects.toThrow(
      'currentTransaction must be a function',
    );
    await expect(
      application({ imports: [JobQueueModule.forRootAsync({ useFactory: () => undefined as never })] }),
    ).rejects.toThrow('options of the queue are undefined');
    process.env.JOB_QUEUE_WORKERS = 'perhaps';
    await expect(start({ backend: memoryBackend() })).rejects.toThrow(
      'No handler works on perhaps, as JOB_QUEUE_WORKERS asks for',
    );
  });

  it.each(['workers: false', 'JOB_QUEUE_WORKERS=0', 'JOB_QUEUE_WORKERS=false', 'JOB_QUEUE_WORKERS= No '])(
    'starts no worker with %s',
    async (how) => {
      if (how !== 'workers: false') process.env.JOB_QUEUE_WORKERS = how.split('=')[1];
      const { queue } = await queueApplication(
        [EmailProcessor],
        how === 'workers: false' ? { workers: false } : {},
      );
      await queue.addJob('emails', 'hello');
      const job = await queue.getNextJobAndReserve('emails', { wait: 1 });
      expect(job?.payload).toBe('hello');
      expect(handled).toEqual([]);
    },
  );

  it('takes a codec and a limit of bytes', async () => {
    const codec = {
      encode: (value: unknown) => `<${String(value)}>`,
      decode: (text: string) => text.slice(1, -1),
    };
    const { queue } = await queueApplication([EmailProcessor], { codec, maxPayloadBytes: 12 });
    await expect(queue.addJob('emails', 'too long a text')).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
    });
    await queue.addJob('waiting', 'as stored');
    expect(await queue.peek('waiting', 'ready')).toMatchObject([{ raw: '<as stored>' }]);
    await expectToWork(queue);
  });
});

describe('forRootAsync', () => {
  @Injectable()
  class QueueOptions implements JobQueueOptionsFactory {
    createJobQueueOptions(): JobQueueModuleOptions {
      return { backend: memoryBackend() };
    }
  }
  @Module({ providers: [QueueOptions], exports: [QueueOptions] })
  class OptionsModule {}

  const ways = {
    'useFactory with what it injects': JobQueueModule.forRootAsync({
      imports: [ConfigModule.forRoot({ ignoreEnvFile: true, load: [() => ({ timeout: 5 })] })],
      inject: [ConfigService],
      useFactory: async (config: ConfigService) => ({
        backend: memoryBackend(),
        shutdownTimeout: config.getOrThrow<number>('timeout'),
      }),
    }),
    useClass: JobQueueModule.forRootAsync({ useClass: QueueOptions }),
    useExisting: JobQueueModule.forRootAsync({ imports: [OptionsModule], useExisting: QueueOptions }),
  };

  it.each(Object.entries(ways))('%s', async (_way, module) => {
    const app = await application({ imports: [module], providers: [EmailProcessor] });
    await expectToWork(app.get(JobQueueService));
  });
});

describe('several queues', () => {
  it('have services, backends and workers of their own, told apart by name', async () => {
    @Processor({ pipeline: 'emails', queue: 'audit' })
    class AuditProcessor {
      @Process()
      write(job: Job<string>): void {
        handled.push(`audited ${job.payload}`);
      }
    }
    @Injectable()
    class Both {
      constructor(
        readonly main: JobQueueService,
        @InjectJobQueue('audit') readonly audit: JobQueueService,
      ) {}
    }
    const app = await application({
      imports: [
        JobQueueModule.forRoot({ backend: memoryBackend() }),
        JobQueueModule.forRootAsync({ name: 'audit', useFactory: () => ({ backend: memoryBackend() }) }),
      ],
      providers: [Both, EmailProcessor, AuditProcessor],
    });
    const { main, audit } = app.get(Both);
    expect(app.get(getJobQueueToken('audit'))).toBe(audit);
    expect(app.get(getJobQueueToken())).toBe(main);
    await main.addJob('emails', 'one');
    await audit.addJob('emails', 'two');
    await until('both are handled', () => handled.length === 2);
    expect(handled.sort()).toEqual(['audited two', 'one']);
  });

  it('cannot have one name', async () => {
    const queue = (): unknown => JobQueueModule.forRoot({ backend: memoryBackend() });
    await expect(application({ imports: [queue(), queue()] as never[] })).rejects.toThrow(
      "JobQueueModule is imported several times for the queue 'default'",
    );
  });
});

it('can be overridden in tests by its token', async () => {
  const fake = { addJob: async () => 'fake' };
  const tested = await Test.createTestingModule({
    imports: [JobQueueModule.forRoot({ name: 'audit', backend: memoryBackend() })],
  })
    .overrideProvider(getJobQueueToken('audit'))
    .useValue(fake)
    .compile();
  await tested.init();
  expect(tested.get(getJobQueueToken('audit'))).toBe(fake);
  await tested.close();
});
