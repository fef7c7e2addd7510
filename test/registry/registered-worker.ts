import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { type Job, JobQueueModule, JobQueueService } from '../../lib/index';
import { until } from '../support/until';

/*
 * node … registered-worker.ts <url> <pipeline> [cluster]: an application with two workers, of that pipeline and of
 * another one; with `cluster` in a process of Node's cluster, as PM2 has it. A job ends when the file that is its payload
 * exists. It prints `started id` and `ended id`.
 */
const [backend = '', pipeline = '', clustered] = process.argv.slice(2);

async function handle({ id, payload }: Job<string>): Promise<void> {
  console.log(`started ${id}.`);
  await until('the file exists', () => existsSync(payload), { within: 120 });
  console.log(`ended ${id}.`);
}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(JobQueueModule.forRoot({ backend }), {
    logger: ['error', 'warn'],
  });
  process.once('SIGTERM', () => void app.close().then(() => console.log('closed')));
  const queue = app.get(JobQueueService);
  await queue.process(pipeline, handle, { concurrency: 4, prefetch: false });
  await queue.process('another', () => undefined);
  console.log('works');
}

if (clustered !== undefined && cluster.isPrimary) cluster.fork();
else void main();
