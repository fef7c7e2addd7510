import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { type Job, JobQueueModule, Process, Processor, runWorker } from '../../../lib/index';
import { until } from '../../support/until';

/*
 * A worker for the tests of its options. Its queue is a SQLite file in FOLDER, where every start of a handler
 * leaves a line in the file `started`; a job in `patient` ends when the file `released` is there.
 */
const { FOLDER = '.' } = process.env;
const hoard: Buffer[] = [];

@Processor()
class SeveralProcessor {
  @Process('first')
  first(job: Job): void {
    note(job);
  }

  @Process('second')
  second(job: Job): void {
    note(job);
    if (job.payload === 'fails') throw new Error('as it was told');
  }

  @Process('patient', { concurrency: 1 })
  async patient(job: Job): Promise<void> {
    note(job);
    await until('it is released', () => existsSync(join(FOLDER, 'released')), { within: 60 });
  }

  /** Keeps as many MiB of memory as its payload says. */
  @Process('hungry')
  hungry(job: Job<number>): void {
    note(job);
    hoard.push(Buffer.alloc(job.payload * 2 ** 20, 1));
  }
}

function note({ pipeline, payload }: Job): void {
  appendFileSync(join(FOLDER, 'started'), `${pipeline} ${JSON.stringify(payload)}\n`);
}

@Module({
  imports: [JobQueueModule.forRoot({ backend: `sqlite:${join(FOLDER, 'queue')}.sqlite` })],
  providers: [SeveralProcessor],
})
class WorkerModule {}

void runWorker(WorkerModule);
