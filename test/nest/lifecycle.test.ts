import { join } from 'node:path';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Injectable,
  type OnModuleInit,
} from '@nestjs/common';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Column, Entity, PrimaryGeneratedColumn, Repository } from 'typeorm';
import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import {
  BackendUnavailableError,
  type Job,
  JobQueueModule,
  JobQueueService,
  Process,
  Processor,
  type QueueBackend,
  WorkerStoppedError,
} from '../../lib/index';
import { typeOrmBackend } from '../../lib/typeorm';
import { put } from '../support/put';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';
import { application, closeApplications, queueApplication } from './application';

afterEach(closeApplications);

/** A promise that is fulfilled from outside. */
class Gate {
  readonly opened: Promise<void>;
  open!: () => void;

  constructor() {
    this.opened = new Promise((resolve) => (this.open = resolve));
  }
}

@Entity()
class Delivery {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text')
  recipient!: string;
}

describe('stopping while a handler uses a repository', () => {
  const steps: string[] = [];
  let draining: Gate;

  @Injectable()
  class Doorkeeper implements BeforeApplicationShutdown {
    // The root module's hook is called before the queue's: the handler goes on when the queue drains.
    beforeApplicationShutdown(): void {
      setImmediate(draining.open);
    }
  }

  @Processor('emails')
  class DeliveryProcessor {
    constructor(
      @InjectRepository(Delivery) private readonly deliveries: Repository<Delivery>,
      private readonly queue: JobQueueService,
    ) {}

    @Process()
    async deliver(job: Job<string>): Promise<void> {
      steps.push('started');
      await draining.opened;
      // Longer than the remaining phases take when nothing waits in them.
      for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
      await this.deliveries.save({ recipient: job.payload });
      await this.queue.addJob('receipts', job.payload);
      steps.push(`${await this.deliveries.count()} delivered`);
    }
  }

  beforeEach(() => {
    steps.splice(0);
    draining = new Gate();
  });

  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder.remove());

  /** The imports of an application with a database of its own, the queue's module as the first or the last of them. */
  function imports(file: string, order: string, queueModule: DynamicModule): DynamicModule[] {
    const database = join(folder.path, file);
    const others = [
      TypeOrmModule.forRoot({ type: 'better-sqlite3', database, entities: [Delivery], synchronize: true }),
      TypeOrmModule.forFeature([Delivery]),
    ];
    return order === 'before' ? [queueModule, ...others] : [...others, queueModule];
  }

  it.each(['before', 'after'])('works with JobQueueModule imported %s TypeOrmModule', async (order) => {
    const backend = memoryBackend();
    const app = await application({
      imports: imports(`memory-${order}.sqlite`, order, JobQueueModule.forRoot({ backend })),
      providers: [Doorkeeper, DeliveryProcessor],
    });
    await app.get(JobQueueService).addJob('emails', 'a@example.org');
    await until('the handler runs', () => steps.includes('started'));
    await app.close();
    expect(steps).toEqual(['started', '1 delivered']);
    await backend.connect();
    expect(await backend.inspect.stats('emails')).toMatchObject({ ready: 0, reserved: 0, buried: 0 });
    expect(await backend.inspect.stats('receipts')).toMatchObject({ ready: 1 });
  });

  it.each(['before', 'after'])("works in the application's DataSource, imported %s it", async (order) => {
    const file = `own-${order}.sqlite`;
    const app = await application({
      imports: imports(file, order, JobQueueModule.forRoot({ backend: typeOrmBackend() })),
      providers: [Doorkeeper, DeliveryProcessor],
    });
    await app.get(JobQueueService).addJob('emails', 'a@example.org');
    await until('the handler runs', () => steps.includes('started'));
    await app.close();
    expect(steps).toEqual(['started', '1 delivered']);
    const { queue } = await queueApplication([], { backend: `sqlite:${join(folder.path, file)}` });
    expect(await queue.stats('emails')).toMatchObject({ ready: 0, reserved: 0, buried: 0 });
    expect(await queue.stats('receipts')).toMatchObject({ ready: 1 });
  });
});

describe('stopping', () => {
  it('deletes the job whose handler has the application closed and does not await it', async () => {
    const backend = memoryBackend();
    const closed = new Gate();
    const { app, queue } = await queueApplication([], { backend });
    await queue.process('orders', () => void app.close().then(closed.open));
    await queue.addJob('orders', 'close');
    await closed.opened;
    await backend.connect();
    expect(await backend.inspect.stats('orders')).toMatchObject({ ready: 0, reserved: 0, buried: 0 });
  });

  it('waits for shutdownTimeout when a handler awaits it, and gives the job back without counting an attempt', async () => {
    const backend = memoryBackend();
    const closed = new Gate();
    const { app, queue } = await queueApplication([], { backend, shutdownTimeout: 0.2 });
    const id = await queue.addJob('orders', 'close');
    const began = performance.now();
    await queue.process('orders', async () => {
      await app.close().then(closed.open);
    });
    await closed.opened;
    expect(performance.now() - began).toBeGreaterThan(190);
    await backend.connect();
    expect(await backend.inspect.find(id)).toMatchObject({ state: 'ready', attempts: 0, timeouts: 0 });
  });

  it('takes no more jobs', async () => {
    const backend = memoryBackend();
    const handled: unknown[] = [];
    @Processor('emails')
    class EmailProcessor {
      @Process()
      send(job: Job): void {
        handled.push(job.payload);
      }
    }
    @Injectable()
    class LateProducer implements BeforeApplicationShutdown {
      constructor(private readonly queue: JobQueueService) {}

      async beforeApplicationShutdown(): Promise<void> {
        await this.queue.addJob('emails', 'too late');
      }
    }
    const { app } = await queueApplication([EmailProcessor, LateProducer], { backend });
    await app.close();
    await backend.connect();
    expect(handled).toEqual([]);
    expect(await backend.inspect.stats('emails')).toMatchObject({ ready: 1 });
  });

  it('aborts after shutdownTimeout and gives the job back without counting an attempt', async () => {
    const backend = memoryBackend();
    const reasons: unknown[] = [];
    const started = new Gate();
    @Processor('emails')
    class StubbornProcessor {
      @Process()
      send({ signal }: Job): Promise<void> {
        started.open();
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason);
            reject(signal.reason as Error);
          });
        });
      }
    }
    const { app, queue } = await queueApplication([StubbornProcessor], { backend, shutdownTimeout: 0.05 });
    const id = await queue.addJob('emails', 'hello');
    await started.opened;
    await app.close();
    expect(reasons).toEqual([expect.any(WorkerStoppedError)]);
    await backend.connect();
    expect(await backend.inspect.find(id)).toMatchObject({ state: 'ready', attempts: 0, timeouts: 0 });
  });
});

describe('an application that does not start', () => {
  /** The same backend with some verbs of its own. */
  const backendWith = (verbs: Partial<QueueBackend>): QueueBackend =>
    Object.assign(Object.create(memoryBackend()) as QueueBackend, verbs);

  it('when the backend cannot be reached', async () => {
    const backend = backendWith({
      connect: async () => {
        throw new BackendUnavailableError('memory', 'nobody there');
      },
    });
    await expect(queueApplication([], { backend })).rejects.toThrow('nobody there');
  });

  it('closes the backend, so that nothing keeps its process alive', async () => {
    @Processor('no spaces')
    class Wrong {
      @Process()
      send(): void {}
    }
    const backend = memoryBackend();
    await expect(queueApplication([Wrong], { backend })).rejects.toThrow('Wrong.send');
    await expect(backend.inspect.stats('emails')).rejects.toMatchObject({ code: 'BACKEND_CLOSED' });
  });

  it('gives back what workers have taken that did start', async () => {
    @Processor()
    class TwoPipelines {
      @Process('first')
      one({ signal }: Job): Promise<void> {
        return new Promise((_resolve, reject) => signal.addEventListener('abort', reject));
      }
      @Process('second')
      other(): void {}
    }
    const inner = memoryBackend();
    await inner.connect();
    const [id] = await put(inner, 'first', [{ payload: '1', priority: 1, delay: 0, ttr: 60 }]);
    const backend = Object.assign(Object.create(inner) as QueueBackend, {
      lease: async (pipelines: readonly string[]) => {
        if (!pipelines.includes('second')) return inner.lease(pipelines);
        await until('the first one runs', async () => (await inner.inspect.stats('first')).reserved === 1);
        throw new BackendUnavailableError('memory', 'gone away');
      },
    });
    await expect(queueApplication([TwoPipelines], { backend, shutdownTimeout: 0 })).rejects.toThrow(
      'gone away',
    );
    await inner.connect();
    expect(await inner.inspect.find(id as string)).toMatchObject({ state: 'ready', attempts: 0 });
  });
});

it('handlers start when the whole application has been initialised', async () => {
  const steps: string[] = [];
  @Processor('emails')
  class EmailProcessor implements OnModuleInit {
    async onModuleInit(): Promise<void> {
      await new Promise(setImmediate);
      steps.push('initialised');
    }

    @Process()
    send(): void {
      steps.push('handled');
    }
  }
  const backend = memoryBackend();
  await backend.connect();
  await backend.put('emails', [{ payload: '1', priority: 1, delay: 0, ttr: 60 }]);
  await queueApplication([EmailProcessor], { backend });
  await until('the job is handled', () => steps.includes('handled'));
  expect(steps).toEqual(['initialised', 'handled']);
});
