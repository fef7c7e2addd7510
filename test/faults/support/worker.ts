import { existsSync } from 'node:fs';
import { Module } from '@nestjs/common';
import { openBackend } from '../../../lib/backends/open-backend';
import type { QueueBackend } from '../../../lib/core/contract/backend';
import { sleep } from '../../../lib/core/time/sleep';
import {
  type Job,
  type JobEvent,
  JobQueueModule,
  OnJob,
  Process,
  Processor,
  runWorker,
} from '../../../lib/index';
import { until } from '../../support/until';
import { Journal, type JournalEvent } from './journal';
import { type MomentOfDeath, mortalBackend } from './mortal-backend';
import type { Task } from './task';

/*
 * A worker as an application has it, which does what its jobs say and notes what happens to them. Its environment:
 *
 *   JOB_QUEUE_URL, PIPELINE, JOURNAL   where the jobs come from, and the file for the notes
 *   CONCURRENCY, SHUTDOWN_TIMEOUT      as in the library; default 1 job and 10 seconds
 *   PREFETCH                           'no': nothing is taken ahead of free slots
 *   DIES                               the moment at which it kills itself; default: never
 */
const { PIPELINE, JOURNAL, CONCURRENCY = '1', SHUTDOWN_TIMEOUT = '10', PREFETCH } = process.env;
const journal = new Journal(JOURNAL ?? 'journal');

@Processor(PIPELINE, { concurrency: Number(CONCURRENCY), prefetch: PREFETCH !== 'no' })
class TaskProcessor {
  @Process()
  async carryOut({ payload: task }: Job<Task>): Promise<void> {
    journal.write('started', task.number);
    await carryOut(task);
    journal.write('handled', task.number);
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

async function carryOut({ number, takes, until: file, blocks, harm }: Task): Promise<void> {
  if (takes !== undefined) await sleep(takes);
  if (file !== undefined) await until('the file exists', () => existsSync(file), { within: 60 });
  if (blocks !== undefined && isFirstRun(number)) block(blocks);
  switch (harm) {
    case 'exits':
      return process.exit(1);
    case 'kills itself':
      process.kill(process.pid, 'SIGKILL');
      return;
    case 'leaks a rejection':
      void Promise.reject(new Error('nobody awaits this'));
      return;
    case undefined:
      return;
  }
}

function isFirstRun(number: number): boolean {
  return journal.entries('started').filter(({ task }) => task === number).length === 1;
}

function block(seconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
}

function note(event: JournalEvent, payload: string): void {
  journal.write(event, (JSON.parse(payload) as Task).number);
}

async function backend(): Promise<string | QueueBackend> {
  const { JOB_QUEUE_URL = '', DIES } = process.env;
  if (DIES === undefined) return JOB_QUEUE_URL;
  return mortalBackend(await openBackend(JOB_QUEUE_URL), DIES as MomentOfDeath);
}

@Module({
  imports: [
    JobQueueModule.forRootAsync({
      useFactory: async () => ({ backend: await backend(), shutdownTimeout: Number(SHUTDOWN_TIMEOUT) }),
    }),
  ],
  providers: [TaskProcessor],
})
class WorkerModule {}

void runWorker(WorkerModule);
