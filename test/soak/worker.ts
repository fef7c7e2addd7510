import { Logger, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSourceOptions } from 'typeorm';
import { sleep } from '../../lib/core/time/sleep';
import {
  type Job,
  type JobEvent,
  JobQueueModule,
  OnJob,
  Process,
  Processor,
  runWorker,
} from '../../lib/index';
import { type TransactionalJob, typeOrmBackend } from '../../lib/typeorm';
import { History } from './history';
import type { Task } from './task';

/*
 * A worker of the soak. Its environment:
 *
 *   JOB_QUEUE_URL                 where the jobs come from
 *   HISTORY                       the file for what happens
 *   DATA_SOURCE                   the options of an application's DataSource, as JSON; with it the queue shares it, and
 *                                 the jobs of `effects` are handled, each in a transaction
 */
const { HISTORY = 'history', DATA_SOURCE, JOB_QUEUE_URL = '' } = process.env;
const history = new History(HISTORY);
let runs = 0;

async function noted(task: number, work: () => Promise<void>): Promise<void> {
  const run = `${process.pid} ${++runs}`;
  history.write({ kind: 'began', task, run });
  try {
    await work();
  } catch (error) {
    history.write({ kind: 'threw', task, run });
    throw error;
  }
  history.write({ kind: 'returned', task, run });
}

async function carryOut({ payload: { takes, nature }, attempt, signal }: Job<Task>): Promise<void> {
  await sleep(takes, signal);
  if (signal.aborted) throw new Error('The handler was told to stop');
  if (nature === 'poison') process.kill(process.pid, 'SIGKILL');
  if (nature === 'fails' || (nature === 'flaky' && attempt === 1))
    throw new Error('This run is meant to fail');
}

/** The history of everything that the worker tells. */
class Listener {
  @OnJob('started')
  started({ job }: JobEvent<'started'>): void {
    note('started', job.raw);
  }

  @OnJob('completed')
  completed({ job }: JobEvent<'completed'>): void {
    note('completed', job.raw);
  }

  @OnJob('retried')
  retried({ job }: JobEvent<'retried'>): void {
    note('retried', job.raw);
  }

  @OnJob('buried')
  buried({ job }: JobEvent<'buried'>): void {
    note('buried', job.raw);
  }

  @OnJob('lost')
  lost({ job }: JobEvent<'lost'>): void {
    note('lost', job.raw);
  }
}

function note(kind: 'started' | 'completed' | 'retried' | 'buried' | 'lost', payload: string): void {
  history.write({ kind, task: (JSON.parse(payload) as Task).task });
}

@Processor('quick', { concurrency: 10, attempts: 2 })
class QuickProcessor extends Listener {
  @Process()
  async handle(job: Job<Task>): Promise<void> {
    await noted(job.payload.task, () => carryOut(job));
  }
}

@Processor('long', { concurrency: 3, attempts: 2 })
class LongProcessor extends Listener {
  @Process()
  async handle(job: Job<Task>): Promise<void> {
    await noted(job.payload.task, () => carryOut(job));
  }
}

@Processor('effects', { concurrency: 3, attempts: 2 })
class EffectsProcessor extends Listener {
  @Process({ transaction: true })
  async handle(job: TransactionalJob<Task>): Promise<void> {
    await noted(job.payload.task, async () => {
      await job.manager.query(`insert into soak_effects (task) values (${job.payload.task})`);
      await carryOut(job);
    });
  }
}

const shared = DATA_SOURCE === undefined ? undefined : (JSON.parse(DATA_SOURCE) as DataSourceOptions);

@Module({
  imports: [
    ...(shared ? [TypeOrmModule.forRoot({ ...shared, retryAttempts: 100, retryDelay: 500 })] : []),
    JobQueueModule.forRoot({
      backend: shared ? typeOrmBackend({ logger: new Logger('JobQueue') }) : JOB_QUEUE_URL,
      shutdownTimeout: 3,
    }),
  ],
  providers: [QuickProcessor, LongProcessor, ...(shared ? [EffectsProcessor] : [])],
})
class WorkerModule {}

void runWorker(WorkerModule);
