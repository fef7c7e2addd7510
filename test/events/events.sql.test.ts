import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { sqlBackend } from '../../lib/backends/sql/open/sql-backend-of-url';
import type { Keep } from '../../lib/core/contract/ports/history';
import { newJob } from '../../lib/core/policy/job-options';
import { type LayoutDatabase, layoutDatabases } from '../layouts/systems';
import { put } from '../support/put';
import { temporaryFolder } from '../support/temporary-folder';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';
import { WorkerProcess } from '../support/worker-process';
import { endJobs } from './end-jobs';

const systems = selectedBackends().filter((name) => name in layoutDatabases);
const MANY = 2000;

describe.each(systems)('Events of %s', (system) => {
  let database: LayoutDatabase;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let backend: SqlBackend;
  const processes: WorkerProcess[] = [];

  beforeAll(async () => {
    database = await layoutDatabases[system as keyof typeof layoutDatabases]();
    folder = await temporaryFolder();
    backend = sqlBackend(database.url);
    await backend.connect();
  });
  afterAll(async () => {
    await Promise.all(processes.map((one) => one.kill()));
    await backend.close();
    await database.close();
    await folder.remove();
  });

  function started(file: string, ...args: readonly string[]): WorkerProcess {
    const one = new WorkerProcess(join(__dirname, file), { args: [database.url, ...args] });
    processes.push(one);
    return one;
  }

  const end = (pipeline: string, count: number, keep?: Keep) => endJobs(backend, pipeline, count, keep);

  /** What is short-lived makes who keeps it look for what is to go. */
  const gone = (ids: readonly string[]) =>
    until(
      'they are gone',
      async () => {
        await end('brief', 1, { for: 1 });
        return (await backend.features.history.several(ids)).length === 0;
      },
      { within: 30 },
    );

  it('a reader that is killed again and again reads each once, in their order, while four processes work', async () => {
    const pipeline = 'busy';
    const ids = await put(
      backend,
      pipeline,
      Array.from({ length: MANY }, () => newJob('1')),
    );
    const file = join(folder.path, 'read');
    const lines = (): string[][] =>
      existsSync(file)
        ? readFileSync(file, 'utf8')
            .split('\n')
            .slice(0, -1)
            .map((line) => line.split(' '))
        : [];
    const workers = Array.from({ length: 4 }, () => started('event-worker.ts', pipeline));
    for (let life = 0; life < 4; life += 1) {
      const reader = started('event-reader.ts', pipeline, file);
      await reader.prints('reads');
      const before = lines().length;
      await until('it reads', () => lines().length > Math.min(before + 100, MANY - 1), { within: 60 });
      await reader.kill();
    }
    const last = started('event-reader.ts', pipeline, file);
    for (const worker of workers) await worker.prints('done');
    await until('it has read all', () => lines().length >= MANY, { within: 60 });
    await last.kill();

    const read = lines();
    expect(read.map(([cursor]) => Number(cursor))).toEqual(ids.map((_id, index) => index + 1));
    expect(new Set(read.map(([, id]) => id))).toEqual(new Set(ids));
    // Whoever reads from the beginning sees the same.
    const again = await backend.features.events.read(pipeline, 0, MANY);
    expect(again.map(({ job }) => job.id)).toEqual(read.map(([, id]) => id));
    expect(new Set(again.map(({ job }) => job.result)).size).toBe(4);
  }, 180_000);

  it('a reader notices that events went that nobody had read', async () => {
    const { events } = backend.features;
    const { last } = await events.range('short');
    const leases = await backend.lease(['short']);
    const ids = await end('short', 5, { for: 1 });
    // Nobody looks at events meanwhile.
    await gone(ids);
    await expect(events.read('short', last, 10)).rejects.toMatchObject({
      code: 'EVENTS_GONE',
      next: String(last + 5),
    });
    const [later] = await end('short', 1);
    const [event] = await events.read('short', last + 5, 10);
    expect(event).toMatchObject({ number: last + 6, job: { id: later } });
    await leases.close();
  }, 120_000);

  it('nobody pays for numbers as long as nobody reads', async () => {
    const leases = await backend.lease(['unread']);
    const ids = await end('unread', 3, { for: 1 });
    await gone(ids);
    expect(await database.ask(`select * from job_queue_jobs_events where pipeline = 'unread'`)).toEqual([]);
    await leases.close();
  }, 120_000);
});
