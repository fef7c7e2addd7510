import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  type HandlerOptions,
  type Job,
  JobQueueModule,
  JobQueueService,
  Process,
  Processor,
  type QueueBackend,
} from 'nestjs-simple-job-queue';
import { sqlBackend, typeOrmBackend } from 'nestjs-simple-job-queue/typeorm';
import type { DataSourceOptions } from 'typeorm';
import type { AddOptions, Contender, Payload, Settings, WorkOptions, Working } from '../contender';
import { type ServedBoard, serveBoard } from './library-board';

/** The built package in a Nest application, with its defaults but for what is being compared. */
export async function open(url: string, { synchronous, dataSource }: Settings): Promise<Contender> {
  const contender = new Library(
    () => (synchronous === 'full' ? sqlBackend(url, { synchronous }) : url),
    dataSource === true ? dataSourceOf(url) : undefined,
  );
  await contender.startApplication([]);
  return contender;
}

/** An application's own, as `TypeOrmModule` opens it. */
function dataSourceOf(url: string): DataSourceOptions {
  const [type, path = ''] = url.split(/:(.*)/);
  if (type === 'sqlite') return { type: 'better-sqlite3', database: path, enableWAL: true };
  return { type: type === 'mysql' ? type : 'postgres', url };
}

interface Application {
  readonly queue: JobQueueService;
  close(): Promise<void>;
}

class Library implements Contender {
  private readonly applications: Application[] = [];
  private readonly boards: ServedBoard[] = [];
  private keys = 0;

  constructor(
    private readonly backend: () => string | QueueBackend,
    /** Where the queue shares that, instead of the backend. */
    private readonly dataSource?: DataSourceOptions,
  ) {}

  async add(pipeline: string, payload: Payload, { unique }: AddOptions = {}): Promise<void> {
    if (unique) await this.queue.addJob(pipeline, payload, { unique: this.freshKey() });
    else await this.queue.addJob(pipeline, payload);
  }

  async addBulk(
    pipeline: string,
    payloads: readonly Payload[],
    { delayed, unique }: AddOptions = {},
  ): Promise<void> {
    const options = delayed ? { delay: 3600, priority: 0 } : {};
    await this.queue.addJobs(
      pipeline,
      payloads.map((payload) => ({ payload, ...options, ...(unique && { unique: this.freshKey() }) })),
    );
  }

  async work({ pipelines, concurrency, handler, keep, telemetry }: WorkOptions): Promise<Working> {
    const application = await this.startApplication(
      pipelines.map((pipeline) =>
        processorOf(pipeline, { concurrency, ...(keep && { keep: { completed: 'forever' } }) }, handler),
      ),
      telemetry,
    );
    return {
      stop: async () => {
        this.applications.splice(this.applications.indexOf(application), 1);
        await application.close();
      },
    };
  }

  async history(pipeline: string): Promise<number> {
    return (await this.queue.history(pipeline, { limit: 20 })).length;
  }

  async openBoard(): Promise<string> {
    const board = await serveBoard(this.backend());
    this.boards.push(board);
    return board.url;
  }

  async left(pipeline: string): Promise<number> {
    const { ready, delayed, reserved } = await this.queue.stats(pipeline);
    return ready + delayed + reserved;
  }

  async close(): Promise<void> {
    await Promise.all([...this.applications, ...this.boards].map((one) => one.close()));
  }

  async startApplication(processors: Type[], telemetry = false): Promise<Application> {
    const options = { workers: processors.length > 0, ...(telemetry && (await tracing())) };
    const imports = this.dataSource
      ? [
          TypeOrmModule.forRoot(this.dataSource),
          JobQueueModule.forRoot({ backend: typeOrmBackend(), ...options }),
        ]
      : [JobQueueModule.forRoot({ backend: this.backend(), ...options })];
    const application = await startApplication(imports, processors);
    this.applications.push(application);
    return application;
  }

  private freshKey(): string {
    return `order:${this.keys++}`;
  }

  /** Of the newest application: one that works on jobs also adds them, as applications do. */
  private get queue(): JobQueueService {
    const { queue } = this.applications.at(-1) ?? {};
    if (!queue) throw new Error('No application runs');
    return queue;
  }
}

async function startApplication(imports: DynamicModule[], processors: Type[]): Promise<Application> {
  @Module({ imports, providers: processors })
  class BenchModule {}

  // Only what a user would want to be told: the failed jobs of one measurement are intended.
  const context = await NestFactory.createApplicationContext(BenchModule, { logger: ['fatal'] });
  return { queue: context.get(JobQueueService), close: () => context.close() };
}

/** Loaded only where it is used, as in an application. */
async function tracing() {
  const { openTelemetry } = await import('nestjs-simple-job-queue/opentelemetry');
  return { telemetry: openTelemetry() };
}

function processorOf(pipeline: string, options: HandlerOptions, handler: WorkOptions['handler']): Type {
  @Processor(pipeline, options)
  class BenchProcessor {
    @Process()
    handle(job: Job<Payload>): { delivered: number } {
      handler(job.payload);
      return { delivered: job.payload.number };
    }
  }
  return BenchProcessor;
}
