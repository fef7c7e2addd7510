import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { openBackend } from '../../lib/backends/open-backend';
import type { Job } from '../../lib/core/policy/job';
import { newJob } from '../../lib/core/policy/job-options';
import { sleep } from '../../lib/core/time/sleep';
import { closeApplications, queueApplication } from '../nest/application';
import { Opened } from '../support/opened';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

const opened = new Opened();
afterEach(() => opened.close());

it('a lease that runs out while the file is locked is freed by nobody before its holder could renew it', async () => {
  const folder = await temporaryFolder();
  opened.add({ close: () => folder.remove() });
  const file = join(folder.path, 'jobs.sqlite');
  const backend = opened.add(await openBackend(`sqlite:${file}`));
  await backend.connect();
  await backend.put('mail', [newJob('1', { ttr: 2 }), newJob('2', { ttr: 60 })]);
  const leases = opened.add(await backend.lease(['mail']));
  const jobs = await leases.reserve(2, 0, new AbortController().signal);
  const start = performance.now();
  const passed = (seconds: number) => () => performance.now() - start > seconds * 1000;

  await until('the stager has looked while all was well', passed(0.5));
  const other = new BetterSqlite(file);
  opened.add({ close: () => Promise.resolve(other.close()) });
  other.exec('begin immediate');
  const renewal = leases.renew([jobs[1]!]);
  await until('its time is over', passed(2.6));
  other.exec('commit');
  expect(await renewal).toEqual([]);
  // The stager looks meanwhile.
  await until('a second more has passed', passed(3.8));
  expect(await leases.renew([jobs[0]!])).toEqual([]);
  expect(await leases.settle([{ job: jobs[0]!, outcome: 'delete' }], 0)).toEqual({ lost: [], next: [] });
});

it('an idle worker that looks again and again is not in the way of a write of the same process', async () => {
  const folder = await temporaryFolder();
  opened.add({ close: () => folder.remove() });
  const file = join(folder.path, 'jobs.sqlite');
  const backend = opened.add(await openBackend(`sqlite:${file}`));
  await backend.connect();
  const leases = opened.add(await backend.lease(['mail']));
  const application = new BetterSqlite(file, { timeout: 0 });
  opened.add({ close: () => Promise.resolve(application.close()) });
  application.exec('create table orders (number integer)');
  const write = application.prepare('insert into orders values (1)');

  let looking = true;
  const looks = async (): Promise<void> => {
    for (let look = 0; look < 2000; look++) await leases.reserve(1, 0, new AbortController().signal);
    looking = false;
  };
  const writes = async (): Promise<number> => {
    for (let written = 0; ; written++) {
      if (!looking) return written;
      write.run();
      await new Promise((resolve) => setImmediate(resolve));
      // Between two promises of a look, too.
      for (let promise = 0; promise < written % 7; promise++) await Promise.resolve();
    }
  };
  const [, written] = await Promise.all([looks(), writes()]);
  expect(written).toBeGreaterThan(0);
});

it.each([
  { waits: 'waits before', wait: (n: number) => sleep(0.001 * (n % 5)) },
  { waits: 'does not wait before', wait: () => undefined },
])(
  'a handler that writes to the file by a driver of its own, and $waits, meets no transaction of the queue',
  async ({ wait }) => {
    const folder = await temporaryFolder();
    opened.add({ close: () => folder.remove() });
    const file = join(folder.path, 'jobs.sqlite');
    const { queue } = await queueApplication([], { backend: `sqlite:${file}` });
    opened.add({ close: () => closeApplications() });
    // It waits for a lock for five seconds, in which nothing else runs in the process.
    const application = new BetterSqlite(file);
    opened.add({ close: () => Promise.resolve(application.close()) });
    application.exec('create table orders (number integer)');
    const write = application.prepare('insert into orders values (1)');

    const pipelines = ['mail', 'invoices', 'reports', 'images'];
    const jobs = Array.from({ length: 100 }, (_, payload) => ({ payload }));
    for (const pipeline of pipelines) await queue.addJobs(pipeline, jobs);
    let written = 0;
    const failures: unknown[] = [];
    const handle = async ({ payload }: Job<number>): Promise<void> => {
      await wait(payload);
      // Now and then long enough for the queue to let timers in before its next statement.
      const end = performance.now() + (payload % 4 === 0 ? 6 : 0);
      while (performance.now() < end);
      try {
        write.run();
        written += 1;
      } catch (error) {
        failures.push(error);
      }
    };
    for (const pipeline of pipelines) await queue.process(pipeline, handle, { concurrency: 10 });
    await until('all are handled', () => written + failures.length === pipelines.length * jobs.length);
    expect(failures).toEqual([]);
  },
);
