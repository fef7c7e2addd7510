import { setTimeout as sleep } from 'node:timers/promises';
import { type JobEvent, type JobOf, OnJob, Process, Processor } from 'nestjs-simple-job-queue';
import { ResultFile } from './result-file';
import { MAKE_INVOICES, SEND_NEWSLETTERS, type Task } from './task';

/**
 * Does the work of both pipelines; a process does that of those which it is started for. `maxLost` is high because
 * here workers are killed for no fault of their jobs, again and again.
 */
@Processor({ maxLost: 20 })
export class TaskProcessor {
  constructor(private readonly results: ResultFile) {}

  @Process(MAKE_INVOICES)
  async makeInvoice(job: JobOf<typeof MAKE_INVOICES>): Promise<void> {
    await this.carryOut(job.pipeline, job.payload);
  }

  @Process(SEND_NEWSLETTERS)
  async sendNewsletter(job: JobOf<typeof SEND_NEWSLETTERS>): Promise<void> {
    await this.carryOut(job.pipeline, job.payload);
  }

  @OnJob('completed')
  completed({ job: { pipeline, payload } }: JobEvent<'completed', Task>): void {
    if (payload) this.results.append('deleted', pipeline, payload.number);
  }

  private async carryOut(pipeline: string, { number, takes }: Task): Promise<void> {
    this.results.append('started', pipeline, number);
    await sleep(takes);
    this.results.append('done', pipeline, number);
  }
}
