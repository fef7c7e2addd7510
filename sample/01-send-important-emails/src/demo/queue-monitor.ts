import { setTimeout as sleep } from 'node:timers/promises';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type FoundJob, JobQueueModule, JobQueueService, type PipelineStats } from 'nestjs-simple-job-queue';
import { type Email, SEND_IMPORTANT_EMAILS } from '../emails/email';
import { openJobs } from './progress';

const MILLISECONDS_BETWEEN_LOOKS = 100;

@Module({})
class MonitorModule {}

/** Looks at the pipeline and tends it from outside, as an operator would. */
export class QueueMonitor implements AsyncDisposable {
  private readonly queue: JobQueueService;

  private constructor(private readonly app: INestApplicationContext) {
    this.queue = app.get(JobQueueService);
  }

  static async open(queueUrl: string): Promise<QueueMonitor> {
    const queue = JobQueueModule.forRoot({ backend: queueUrl, workers: false });
    const app = await NestFactory.createApplicationContext(
      { module: MonitorModule, imports: [queue] },
      { abortOnError: false, logger: ['warn', 'error'] },
    );
    return new QueueMonitor(app);
  }

  /** Removes what an earlier run has left; what a worker holds at this moment cannot be removed. */
  async clear(): Promise<void> {
    for (const state of ['ready', 'delayed', 'buried'] as const) {
      await this.queue.clear(SEND_IMPORTANT_EMAILS, state);
    }
  }

  /**
   * Resolves when every job is gone or buried; `look` gets the numbers on the way. Rejects with the reason of the
   * signal.
   */
  async settled(signal: AbortSignal, look: (stats: PipelineStats) => void = () => {}): Promise<void> {
    for (;;) {
      const stats = await this.queue.stats(SEND_IMPORTANT_EMAILS);
      look(stats);
      if (openJobs(stats) === 0) return;
      await sleep(MILLISECONDS_BETWEEN_LOOKS);
      signal.throwIfAborted();
    }
  }

  async buriedCount(): Promise<number> {
    return this.queue.getBuriedCount(SEND_IMPORTANT_EMAILS);
  }

  /** Buried jobs, the one that was buried first in front; a queue that cannot list them shows that one alone. */
  async buriedJobs(limit: number): Promise<FoundJob<Email>[]> {
    return this.queue.peek(SEND_IMPORTANT_EMAILS, 'buried', { limit });
  }

  async kick(job: FoundJob): Promise<void> {
    await this.queue.kickJob(job);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
  }
}
