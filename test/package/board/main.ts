import 'reflect-metadata';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { JobQueueModule, JobQueueService } from 'nestjs-simple-job-queue';
import { JobQueueBoardModule } from 'nestjs-simple-job-queue/bull-board';
import { memoryBackend } from 'nestjs-simple-job-queue/testing';

/* Asks bull-board, as it is installed, for each of its answers, and prints those that were none. */

const ROUTE = '/admin/queues';

async function answersOn(adapter: AbstractHttpAdapter): Promise<string[]> {
  @Module({
    imports: [
      JobQueueModule.forRoot({ backend: memoryBackend() }),
      JobQueueBoardModule.forRoot({
        route: ROUTE,
        authorize: () => true,
        boardOptions: { validateResponses: true },
      }),
    ],
  })
  class AppModule {}
  const app = await NestFactory.create(AppModule, adapter, { logger: ['error'], abortOnError: false });
  await app.listen(0, '127.0.0.1');
  const queue = app.get(JobQueueService);
  const [ready, failed, delayed] = await queue.addJobs(
    'mail',
    [1, 2, 3].map((payload) => ({ payload })),
  );
  await queue.buryJob(failed!, { reason: 'Error: broken' });
  await queue.changeJob(delayed!, { delay: '1h' });
  await queue.schedules.set('daily', { pipeline: 'mail', cron: '@daily' });

  const url = `${await app.getUrl()}${ROUTE}`;
  const wrong: string[] = [];
  const ask = async (method: string, path: string, body?: object) => {
    const text =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(`${url}${path}`, { method, ...text });
    const said = await answer.text();
    if (!answer.ok) wrong.push(`${method} ${path}: ${answer.status} ${said}`);
    return said;
  };
  const page = await ask('GET', '/');
  const [script = 'no script'] = /static\/js\/main[^"]+/.exec(page) ?? [];
  await ask('GET', `/${script}`);
  for (const status of ['latest', 'active', 'waiting', 'delayed', 'failed'])
    await ask('GET', `/api/queues?activeQueue=mail&status=${status}&page=1&jobsPerPage=10`);
  await ask('GET', `/api/queues/mail/${ready}`);
  await ask('GET', `/api/queues/mail/${ready}/logs`);
  await ask('GET', `/api/queues/mail/${ready}/flow`);
  await ask('GET', '/api/queues/mail/metrics');
  await ask('GET', '/api/queues/mail/default-job-options');
  await ask('GET', '/api/queues/mail/workers');
  await ask('GET', '/api/job-schedulers');
  await ask('POST', '/api/queues/mail/add', { name: 'mail', data: { to: 'ada' }, options: { delay: 1000 } });
  await ask('PATCH', `/api/queues/mail/${ready}/update-data`, { jobData: { to: 'eve' } });
  await ask('PUT', `/api/queues/mail/${delayed}/promote`, {});
  await ask('PUT', `/api/queues/mail/${failed}/retry`, {});
  await ask('PUT', `/api/queues/mail/${failed}/clean`, {});
  await ask('PUT', '/api/queues/mail/promote', {});
  await ask('PUT', '/api/queues/mail/clean/delayed', {});
  await ask('PUT', '/api/queues/mail/pause', {});
  await ask('PUT', '/api/queues/mail/resume', {});
  await ask('PATCH', '/api/queues/mail/job-schedulers/daily', { pattern: '0 5 * * *' });
  await ask('PUT', '/api/queues/mail/job-schedulers/daily/remove', {});
  await ask('PUT', '/api/queues/mail/empty', {});
  // More than a page.
  const many = await queue.addJobs(
    'many',
    Array.from({ length: 130 }, (_, payload) => ({ payload })),
  );
  await Promise.all(many.map((id) => queue.buryJob(id)));
  while (!(await ask('GET', '/api/queues')).includes('"many"')) await setTimeout(20);
  const retried = await ask('PUT', '/api/queues/many/retry/failed', {});
  if (retried !== '{"retried":130,"skipped":0}') wrong.push(`retry all: ${retried}`);
  const { ready: left } = await queue.stats('mail');
  if (left > 0) wrong.push(`${left} jobs are left`);
  await app.close();
  return wrong;
}

function isInstalled(name: string): boolean {
  try {
    return createRequire(join(process.cwd(), 'main.js')).resolve(name) !== '';
  } catch {
    return false;
  }
}

async function main(): Promise<void> {
  const installed = ['bull', 'bullmq', 'ioredis'].filter(isInstalled);
  const wrong = [...(await answersOn(new ExpressAdapter())), ...(await answersOn(new FastifyAdapter()))];
  console.log(JSON.stringify({ installed, wrong }));
}

void main();
