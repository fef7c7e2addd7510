import { openBackend } from '../../lib/backends/open-backend';
import { sleep } from '../../lib/core/time/sleep';

/*
 * node … event-worker.ts <url> <pipeline>: takes the pipeline's jobs, a few at a time, and keeps them. It prints `works`,
 * and `done` when none is left.
 */
const [url = '', pipeline = ''] = process.argv.slice(2);
const AT_ONCE = 4;

async function main(): Promise<void> {
  const backend = await openBackend(url);
  await backend.connect();
  const leases = await backend.lease([pipeline]);
  console.log('works');
  for (;;) {
    const jobs = await leases.reserve(AT_ONCE, 0, new AbortController().signal);
    if (jobs.length === 0) break;
    await sleep(Math.random() * 0.1);
    const keep = { for: 3600, result: `"${process.pid}"` };
    await leases.settle(
      jobs.map((job) => ({ job, outcome: 'delete', keep }) as const),
      0,
    );
  }
  await leases.close();
  await backend.close();
  console.log('done');
}

void main();
