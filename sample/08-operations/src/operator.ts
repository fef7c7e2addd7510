import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN } from './app.module';
import { tracing } from './telemetry/telemetry';

interface Pipeline {
  readonly counts: Readonly<Record<string, number>>;
}

/** What somebody on call looks at, and a program that adds jobs. */
export async function play(url: string): Promise<void> {
  await send(url, 'ada@example.org', { completed: 1 });
  await print(url, '/health/ready');
  await send(url, 'nobody', { failed: 1 });
  await print(url, '/health/ready');

  console.log('GET /metrics answers, among others:');
  const metrics = await (await fetch(`${url}/metrics`)).text();
  for (const line of metrics.split('\n')) {
    const [, pipeline, state, jobs] =
      /^job_queue_jobs\{.*destination_name="(\w+)",job_queue_state="(\w+)".*\} (\d+)/.exec(line) ?? [];
    if (pipeline !== undefined) console.log(`  job_queue_jobs of ${pipeline}, ${state}: ${jobs}`);
  }

  console.log(`GET /board answers ${(await fetch(`${url}/board`)).status} without a password`);
  const { completed, failed } = await counts(url);
  console.log(`GET /board shows with it: ${completed} completed, ${failed} failed`);
}

/** Orders a mail, and waits until the board counts what has become of it. */
async function send(url: string, to: string, expected: Readonly<Record<string, number>>): Promise<void> {
  const { status } = await fetch(`${url}/mails`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ to }),
  });
  console.log(`POST /mails to ${to} answers ${status}:`);
  for (;;) {
    const now = await counts(url);
    if (Object.entries(expected).every(([state, jobs]) => now[state] === jobs)) break;
    await sleep(50);
  }
  await tracing.forceFlush();
}

async function counts(url: string): Promise<Readonly<Record<string, number>>> {
  const answer = await fetch(`${url}/board/api/queues`, { headers: { authorization: ADMIN } });
  const { queues } = (await answer.json()) as { queues: Pipeline[] };
  return queues[0]?.counts ?? {};
}

async function print(url: string, path: string): Promise<void> {
  const answer = await fetch(url + path);
  const { details } = (await answer.json()) as { details: Record<string, object> };
  console.log(`GET ${path} answers ${answer.status}: ${JSON.stringify(details)}`);
}
