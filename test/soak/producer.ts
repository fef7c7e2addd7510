import { type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { sleep } from '../../lib/core/time/sleep';
import { JobQueueError, JobQueueModule, JobQueueService } from '../../lib/index';
import type { History, Nature } from './history';
import type { Random } from './random';
import type { Task } from './task';

export const pipelines = ['quick', 'long', 'effects'] as const;
export type Pipeline = (typeof pipelines)[number];

/** The ttr of all jobs, in seconds: shorter than the longest handlers, so that leases are renewed. */
const TTR = 4;

/** Adds jobs of all kinds, one after the other, whether the backend is there or not. */
export class SoakProducer {
  added = 0;
  private tasks = 0;

  private constructor(
    private readonly app: INestApplicationContext,
    private readonly history: History,
    private readonly random: Random,
    private readonly natures: readonly (readonly [weight: number, nature: Nature])[],
  ) {}

  static async open(
    url: string,
    history: History,
    random: Random,
    natures: readonly (readonly [weight: number, nature: Nature])[],
  ): Promise<SoakProducer> {
    class ProducerModule {}
    const imports = [JobQueueModule.forRoot({ backend: url, workers: false })];
    const app = await NestFactory.createApplicationContext(
      { module: ProducerModule, imports },
      { logger: false, abortOnError: false },
    );
    return new SoakProducer(app, history, random, natures);
  }

  get queue(): JobQueueService {
    return this.app.get(JobQueueService);
  }

  async addUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.addOne();
      await sleep(this.random.between(0.01, 0.05), signal);
    }
  }

  close(): Promise<void> {
    return this.app.close();
  }

  private async addOne(): Promise<void> {
    const task = this.tasks++;
    const nature = this.random.weighted(this.natures);
    const payload: Task = { task, nature, takes: this.timeOf(nature) };
    this.history.write({ kind: 'adding', task, nature });
    try {
      await this.queue.addJob(pipelineOf(nature), payload, { ttr: TTR, delay: this.delay() });
      this.history.write({ kind: 'added', task });
      this.added += 1;
    } catch (error) {
      if (!(error instanceof JobQueueError && error.code === 'BACKEND_UNAVAILABLE')) throw error;
      this.history.write({ kind: 'in doubt', task });
    }
  }

  private timeOf(nature: Nature): number {
    return nature === 'slow' ? this.random.between(1, 6) : this.random.between(0, 0.1);
  }

  private delay(): number {
    return this.random.weighted([
      [9, 0],
      [1, 1],
    ]);
  }
}

function pipelineOf(nature: Nature): Pipeline {
  switch (nature) {
    case 'slow':
      return 'long';
    case 'effect':
      return 'effects';
    default:
      return 'quick';
  }
}
