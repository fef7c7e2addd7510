import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { sleep } from '../../../lib/core/time/sleep';
import { type JobOptions, JobQueueError, JobQueueModule, JobQueueService } from '../../../lib/index';
import type { Ledger } from './ledger';
import type { Task } from './task';

const SECONDS_BETWEEN_JOBS = 0.01;

export type Deed = Omit<Task, 'number'>;

/** A process's way to add the jobs of a scene. */
export class Producer {
  private constructor(
    private readonly app: INestApplicationContext,
    private readonly pipeline: string,
    private readonly ledger: Ledger,
  ) {}

  static async open(url: string, pipeline: string, ledger: Ledger): Promise<Producer> {
    class ProducerModule {}
    const imports = [JobQueueModule.forRoot({ backend: url, workers: false })];
    const app = await NestFactory.createApplicationContext(
      { module: ProducerModule, imports },
      { logger: false, abortOnError: false },
    );
    return new Producer(app, pipeline, ledger);
  }

  get queue(): JobQueueService {
    return this.app.get(JobQueueService);
  }

  /** Adds so many jobs together; answers the number of the first one. */
  async add(count: number, deed: Deed = {}, options: JobOptions = {}): Promise<number | undefined> {
    const tasks = Array.from({ length: count }, (): Task => ({ ...deed, number: this.ledger.nextNumber() }));
    await this.queue.addJobs(
      this.pipeline,
      tasks.map((payload) => ({ ttr: 1, ...options, payload })),
    );
    this.ledger.added.push(...tasks.map(({ number }) => number));
    return tasks[0]?.number;
  }

  /** Adds one job after the other until the signal aborts, whether the backend is there or not. */
  async addUntil(signal: AbortSignal, deed: Deed = {}, options: JobOptions = {}): Promise<void> {
    while (!signal.aborted) {
      await this.addOne(deed, options);
      await sleep(SECONDS_BETWEEN_JOBS, signal);
    }
  }

  /** Adds one job; answers false when the backend was away, and rejects with every other error. */
  async addOne(deed: Deed = {}, options: JobOptions = {}): Promise<boolean> {
    const number = this.ledger.nextNumber();
    try {
      await this.queue.addJob(this.pipeline, { ...deed, number }, { ttr: 1, ...options });
      this.ledger.added.push(number);
      return true;
    } catch (error) {
      if (!(error instanceof JobQueueError && error.code === 'BACKEND_UNAVAILABLE')) throw error;
      this.ledger.doubtful.push(number);
      return false;
    }
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
