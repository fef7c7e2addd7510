import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type * as Library from '../../lib/index';

/*
 * node … worker.ts <lib> <url> <pipelines>: a worker of the library in that folder. It prints `+ id` for each job that
 * its handler has finished, and `closed` after a signal.
 */
const [lib = '', backend = '', pipelines = ''] = process.argv.slice(2);
// eslint-disable-next-line @typescript-eslint/no-require-imports -- which library it is, the command line says
const { JobQueueModule, JobQueueService } = require(join(lib, 'index.ts')) as typeof Library;

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(JobQueueModule.forRoot({ backend }), {
    logger: ['error', 'warn'],
  });
  process.once('SIGTERM', () => void app.close().then(() => console.log('closed')));
  const queue = app.get(JobQueueService);
  for (const pipeline of pipelines.split(',')) {
    void queue.process(pipeline, (job) => console.log(`+ ${job.id}`), { concurrency: 10 });
  }
  console.log('works');
}

void main();
