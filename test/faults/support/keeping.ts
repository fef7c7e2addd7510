import { Module } from '@nestjs/common';
import { sleep } from '../../../lib/core/time/sleep';
import { type Job, JobQueueModule, Process, Processor, runWorker } from '../../../lib/index';

/*
 * A worker whose jobs are kept. Its environment: JOB_QUEUE_URL, PIPELINE. Each tenth job says how far it is. No job is to
 * be buried for the deaths of its workers.
 */
const { JOB_QUEUE_URL: backend = '', PIPELINE } = process.env;

@Processor(PIPELINE, { concurrency: 5, keep: { completed: 'forever' }, maxLost: 1000 })
class Keeping {
  @Process()
  async handle(job: Job<{ task: number }>): Promise<{ task: number }> {
    const { task } = job.payload;
    await sleep(0.02);
    if (task % 10 === 0) {
      job.progress(task);
      job.log(`task ${task}`);
    }
    return { task };
  }
}

@Module({ imports: [JobQueueModule.forRoot({ backend })], providers: [Keeping] })
class KeepingModule {}

void runWorker(KeepingModule);
