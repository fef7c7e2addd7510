import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JOB, type Job, JobQueueModule, JobQueueService, Process, Processor } from '../../lib/index';
import { memoryBackend } from '../../lib/testing';
import { heapInUse } from '../support/heap';

/* Handles 100,000 jobs in request-scoped processors and prints the heap after 20,000 and after all, in bytes. */

const BATCH = 5_000;
let handled = 0;
let collected = 0;
const registry = new FinalizationRegistry(() => (collected += 1));

@Injectable({ scope: Scope.REQUEST })
class Basket {
  constructor(@Inject(JOB) readonly job: Job<number>) {}
}

@Processor('numbers', { concurrency: 10 })
class NumberProcessor {
  constructor(private readonly basket: Basket) {
    registry.register(this, undefined);
  }

  @Process()
  take({ payload }: Job<number>): void {
    if (this.basket.job.payload === payload) handled += 1;
  }
}

@Module({
  imports: [JobQueueModule.forRoot({ backend: memoryBackend() })],
  providers: [Basket, NumberProcessor],
})
class ScopeModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(ScopeModule, { logger: false });
  const queue = app.get(JobQueueService);
  const work = async (until: number): Promise<void> => {
    for (let number = handled; number < until; number += BATCH) {
      const jobs = Array.from({ length: BATCH }, (_, index) => ({ payload: number + index }));
      await queue.addJobs('numbers', jobs);
      while (handled < number + BATCH) await sleep(1);
    }
  };
  await work(20_000);
  const early = await heapInUse();
  await work(100_000);
  const late = await heapInUse();
  process.stdout.write(`${JSON.stringify({ early, late, handled, collected })}\n`);
  await app.close();
}

void main();
