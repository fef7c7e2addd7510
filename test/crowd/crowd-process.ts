import { open } from 'node:fs/promises';
import { Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { type Job, JobQueueModule, JobQueueService, Process, Processor, runWorker } from '../../lib/index';

/*
 * One process of a crowd: a worker that adds jobs as well. It connects when it is told to, and writes the payload
 * of each job that it handles on a line of a file that only it appends to.
 *
 *   JOB_QUEUE_URL    the backend
 *   CROWD_PIPELINE
 *   CROWD_FILE       what was handled
 *   CROWD_JOBS       how many jobs to add
 */

const { CROWD_PIPELINE: pipeline = '', CROWD_FILE: file = '', CROWD_JOBS: jobs } = process.env;
const handled = open(file, 'a');

@Processor(pipeline, { concurrency: 20 })
class CrowdProcessor {
  @Process()
  async handle({ payload }: Job<string>): Promise<void> {
    await (await handled).appendFile(`${payload}\n`);
  }
}

@Injectable()
class CrowdProducer implements OnApplicationBootstrap {
  constructor(private readonly queue: JobQueueService) {}

  async onApplicationBootstrap(): Promise<void> {
    const payloads = Array.from({ length: Number(jobs) }, (_, index) => `${process.pid}-${index}`);
    await Promise.all(payloads.map((payload) => this.queue.addJob(pipeline, payload)));
  }
}

@Module({
  imports: [JobQueueModule.forRoot()],
  providers: [CrowdProcessor, CrowdProducer],
})
class CrowdModule {}

process.once('message', () => {
  process.disconnect();
  void runWorker(CrowdModule);
});
process.send?.('ready');
