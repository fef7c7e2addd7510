import { existsSync, writeFileSync } from 'node:fs';
import { Module } from '@nestjs/common';
import { type Job, JobQueueModule, Process, Processor, runWorker } from '../../../lib/index';
import { until } from '../../support/until';

/*
 * A worker as an application has it, for the tests of `runWorker`. Its two queues are SQLite files in FOLDER; a
 * job in `patient` ends when the file that is its payload exists. Where nobody reads the log, a file beside that one,
 * `….started`, says that it has started.
 */

@Processor()
class SeveralProcessor {
  @Process('quick')
  quick(job: Job): void {
    console.log(`handled ${JSON.stringify(job.payload)}`);
  }

  @Process('patient')
  async patient({ payload }: Job<string>): Promise<void> {
    console.log('started');
    writeFileSync(`${payload}.started`, '');
    await until('the file exists', () => existsSync(payload), { within: 60 });
    console.log('finished');
  }
}

@Processor({ pipeline: 'patient', queue: 'second' })
class SecondProcessor {
  @Process()
  async patient({ payload }: Job<string>): Promise<void> {
    console.log('started in the second queue');
    await until('the file exists', () => existsSync(payload), { within: 60 });
    console.log('finished in the second queue');
  }
}

const { FOLDER: folder = '.' } = process.env;

@Module({
  imports: [
    JobQueueModule.forRoot({ backend: process.env.JOB_QUEUE_URL ?? `sqlite:${folder}/first.sqlite` }),
    JobQueueModule.forRoot({ name: 'second', backend: `sqlite:${folder}/second.sqlite` }),
  ],
  providers: [SeveralProcessor, SecondProcessor],
})
class WorkerModule {}

void runWorker(WorkerModule);
