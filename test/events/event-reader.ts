import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { JobQueueModule, JobQueueService } from '../../lib/index';

/*
 * node … event-reader.ts <url> <pipeline> <file>: notes `cursor id` of each event in the file, and goes on after the last
 * one that stands there. It prints `reads`.
 */
const [backend = '', pipeline = '', file = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const module = JobQueueModule.forRoot({ backend, workers: false });
  const app = await NestFactory.createApplicationContext(module, { logger: ['error', 'warn'] });
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  const after = lines.at(-1)?.split(' ')[0] || 'oldest';
  console.log('reads');
  for await (const { cursor, job } of app.get(JobQueueService).events(pipeline, { after }))
    appendFileSync(file, `${cursor} ${job.id}\n`);
}

void main();
