import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Job, JobQueueModule, JobQueueService, Process, Processor } from '../../lib/index';

/* Adds a job and handles it, without the option `telemetry`; prints which files of telemetry were loaded for it. */

let handled: (payload: unknown) => void = () => {};
const done = new Promise((resolve) => (handled = resolve));

@Processor('mail')
class Mail {
  @Process()
  send({ payload }: Job): void {
    handled(payload);
  }
}

@Module({ imports: [JobQueueModule.forRoot({ backend: 'sqlite::memory:' })], providers: [Mail] })
class MailModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(MailModule, { logger: false });
  await app.get(JobQueueService).addJob('mail', 'ada');
  const payload = await done;
  await app.close();
  const files = Object.keys(require.cache);
  const loaded = files.filter((file) => /@opentelemetry|lib\/opentelemetry/.test(file));
  console.log(JSON.stringify({ payload, loaded, files: files.length }));
}

void main();
