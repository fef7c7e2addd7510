import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Job, JobQueueModule, JobQueueService, OnJob, Process, Processor } from '../../lib/index';
import { memoryBackend } from '../../lib/testing';
import { heapInUse } from '../support/heap';

/*
 * Handles jobs of several kinds in rounds, and prints how large the heap is after each round, in bytes. Its environment:
 *
 *   JOB_QUEUE_URL   where the jobs are; memory without it
 *   PIPELINE        whose they are
 *   ROUNDS, JOBS    how many rounds, and jobs a round
 *   KEEPS           whether jobs are kept, and say something
 */
const { JOB_QUEUE_URL, PIPELINE = 'mail', ROUNDS, JOBS, KEEPS } = process.env;
const BATCH = 500;

let ended = 0;

@Processor(PIPELINE, {
  concurrency: 10,
  attempts: 2,
  backoff: 0,
  ...(KEEPS && { keep: { completed: { count: 100 }, buried: { count: 10 } } }),
})
class EveryKindProcessor {
  @Process()
  handle(job: Job<number>): void {
    if (KEEPS && job.payload % 10 === 1) {
      job.progress({ done: 1, of: 2 });
      job.log('half of it is done');
    }
    if (job.payload % 20 === 2 && job.attempt === 1) throw new Error('The first attempt fails');
    if (job.payload % 200 === 3) throw new Error('Every attempt fails');
  }

  @OnJob('completed')
  completed(): void {
    ended += 1;
  }

  @OnJob('buried')
  buried(): void {
    ended += 1;
  }
}

@Module({
  imports: [JobQueueModule.forRoot({ backend: JOB_QUEUE_URL ?? memoryBackend() })],
  providers: [EveryKindProcessor],
})
class WorkerModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(WorkerModule, { logger: false });
  const queue = app.get(JobQueueService);
  const heaps: number[] = [];
  for (let round = 0; round < Number(ROUNDS); round += 1) {
    for (let number = 0; number < Number(JOBS); number += BATCH) {
      const target = ended + BATCH;
      await queue.addJobs(
        PIPELINE,
        Array.from({ length: BATCH }, (_, index) => ({ payload: number + index })),
      );
      while (ended < target) await sleep(1);
    }
    await queue.clear(PIPELINE, 'buried');
    heaps.push(await heapInUse());
  }
  process.stdout.write(`${JSON.stringify(heaps)}\n`);
  await app.close();
}

void main();
