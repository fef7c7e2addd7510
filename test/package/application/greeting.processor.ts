import { type JobOf, JobQueueService, OnJob, Process, Processor } from 'nestjs-simple-job-queue';
import { GREETINGS, REPLIES } from './greeting.js';

@Processor()
export class GreetingProcessor {
  constructor(private readonly queue: JobQueueService) {}

  @Process(GREETINGS)
  async greet({ payload }: JobOf<typeof GREETINGS>): Promise<void> {
    await this.queue.addJob(REPLIES, `Hello ${payload.name}`);
  }

  @Process(REPLIES)
  reply({ payload }: JobOf<typeof REPLIES>): void {
    console.log(payload);
  }

  /** All is done: the process is stopped as its supervisor would stop it. */
  @OnJob('completed', { pipeline: REPLIES })
  stop(): void {
    process.kill(process.pid, 'SIGTERM');
  }
}
