import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { NEWEST_LAYOUT } from '../../lib/backends/sql/layouts/layout';
import { newJob } from '../../lib/core/policy/job-options';
import { jobQueueMigration, jobQueueMigrations, sqlBackend } from '../../lib/typeorm';
import { printedSchema } from '../backends/schema-cases';
import { put } from '../support/put';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';
import { WorkerProcess } from '../support/worker-process';
import { libraryOf, type OldLibrary } from './old-library';
import { type LayoutDatabase, layoutDatabases } from './systems';

const NEW = join(__dirname, '../../lib');
const WORKER = join(__dirname, 'worker.ts');
const SECONDS = 240;

let old: OldLibrary;
let ofLayout2: OldLibrary;

beforeAll(async () => {
  old = await libraryOf(1);
  ofLayout2 = await libraryOf(2);
});
afterAll(() => Promise.all([old.remove(), ofLayout2.remove()]));

const systems = selectedBackends().filter((name) => name in layoutDatabases);

describe.each(systems)('Layouts on %s', (system) => {
  let database: LayoutDatabase;
  const workers: WorkerProcess[] = [];

  beforeEach(async () => {
    database = await layoutDatabases[system as keyof typeof layoutDatabases]();
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.kill()));
    await database.close();
  });

  async function worker(lib: string, pipelines: string): Promise<WorkerProcess> {
    const started = new WorkerProcess(WORKER, { args: [lib, database.url, pipelines] });
    workers.push(started);
    await started.prints('works');
    return started;
  }

  async function stop(...running: WorkerProcess[]): Promise<void> {
    for (const each of running) each.signal('SIGTERM');
    for (const each of running) await each.prints('closed');
  }

  /** The tables as the library of layout 1 makes them. */
  async function layout1(): Promise<void> {
    await stop(await worker(old.lib, 'none'));
    expect(await database.layout()).toBe(1);
  }

  const handled = (...by: WorkerProcess[]) =>
    by.flatMap(({ output }) => [...output.matchAll(/^\+ (\d+)$/gm)].map(([, id]) => id!));

  async function connected(options: { migrate?: boolean } = {}): Promise<void> {
    const backend = sqlBackend(database.url, options);
    await backend.connect();
    await backend.close();
  }

  it(
    'layout 1 moves with 100,000 jobs in the table, beside a worker of the old version',
    async () => {
      await layout1();
      // A tenth each: delayed for good, due soon, reserved by somebody who is gone, buried, of a paused pipeline.
      await database.fill(100_000);
      const before = await worker(old.lib, 'mail');
      await until('the old version works', () => handled(before).length > 100);
      const after = await worker(NEW, 'mail');
      expect(await database.layout()).toBe(NEWEST_LAYOUT);
      const seen = handled(before).length;
      await until('both work', () => handled(after).length > 100 && handled(before).length > seen + 100);
      // By their number: those that are due soon, or reserved by somebody who is gone, are not ready yet.
      await until('all that can run has run', () => handled(before, after).length >= 70_000, {
        within: SECONDS / 2,
      });
      await until('nothing is held', async () => (await database.count('mail', 'reserved')) === 0, {
        within: 60,
      });
      await stop(before, after);

      const ids = handled(before, after);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBe(70_000);
      expect(await database.count('mail', 'delayed')).toBe(10_000);
      expect(await database.count('mail', 'buried')).toBe(10_000);
      expect(await database.count('paused', 'ready')).toBe(10_000);
      const backend = sqlBackend(database.url);
      await backend.connect();
      expect((await backend.inspect.stats('paused')).pausedFor).toBeGreaterThan(60);
      expect(await backend.inspect.peek('mail', 'buried')).toMatchObject({ reason: 'foreign', attempts: 3 });
      await backend.close();
    },
    SECONDS * 1000,
  );

  it('ten processes that start at once bring one new layout', async () => {
    await layout1();
    await Promise.all(Array.from({ length: 10 }, () => connected()));
    expect(await database.layout()).toBe(NEWEST_LAYOUT);
  });

  it('a pause without an end holds for a worker of the old version, too', async () => {
    await layout1();
    const before = await worker(old.lib, 'mail,held');
    const backend = sqlBackend(database.url);
    await backend.connect();
    await backend.admin.pause('held', Infinity);
    const [held] = await put(backend, 'held', [newJob('1')]);
    const [mail] = await put(backend, 'mail', [newJob('1')]);
    await until('the old version works', () => handled(before).includes(mail!));
    expect((await backend.inspect.stats('held')).pausedFor).toBe(Infinity);
    // Later ones of the other pipeline pass it by.
    const [later] = await put(backend, 'mail', [newJob('2')]);
    await until('the old version goes on', () => handled(before).includes(later!));
    expect(handled(before)).not.toContain(held);
    await backend.admin.resume('held');
    await until('the old version does what was held', () => handled(before).includes(held!));
    await stop(before);
    await backend.close();
  });

  it('ends in the same tables as a first start', async () => {
    await layout1();
    await connected();
    const moved = await database.catalogue();
    const other = await layoutDatabases[system as keyof typeof layoutDatabases]();
    const backend = sqlBackend(other.url);
    await backend.connect();
    await backend.close();
    expect(moved).toEqual(await other.catalogue());
    await other.close();
  });

  it('every table has a primary key', async () => {
    await layout1();
    await connected();
    expect(await database.withoutPrimaryKey()).toEqual([]);
  });

  it('rows that the new rules refuse are made to fit', async () => {
    await layout1();
    await database.ask(
      `insert into job_queue_jobs (pipeline, payload, ttr_ms, added_at) values ('mail', '1', 9223372036854775807, 9223372036854775807)`,
    );
    await connected();
    const backend = sqlBackend(database.url);
    await backend.connect();
    const [job] = await backend.features.listing.list('mail', 'ready', { offset: 0, limit: 1 });
    expect(job).toMatchObject({ ttr: 4_294_967_295 });
    expect(job?.addedAt).toBeUndefined();
    await backend.close();
  });

  it('layout 1 is refused with migrate: false, until the SQL of the command has run', async () => {
    await layout1();
    await expect(connected({ migrate: false })).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
      message: expect.stringMatching(
        /has layout 1, this version of the library needs \d, and migrate is false.*jobQueueMigration\(\{ layout: 2 \}\), or job-queue sql \w+ --from 1/,
      ) as string,
    });
    expect(await database.layout()).toBe(1);
    await database.client(await printedSchema(database.system, '--from', '1'));
    await connected({ migrate: false });
  });

  it('layout 1 moves by the migrations, and back to where the old version works', async () => {
    await layout1();
    await database.fill(1_000);
    const dataSource = new DataSource({
      ...database.dataSource,
      migrations: [2, 3].map((layout) => jobQueueMigration({ layout })),
    });
    await dataSource.initialize();
    await dataSource.runMigrations();
    await connected({ migrate: false });
    await database.ask(`update job_queue_jobs set state = 'blocked', due_at = 1 where state = 'buried'`);

    await dataSource.undoLastMigration();
    expect(await database.layout()).toBe(2);
    await dataSource.undoLastMigration();
    expect(await database.layout()).toBe(1);
    const before = await worker(old.lib, 'mail');
    // What was blocked is ready.
    await until('the old version has done all', () => handled(before).length === 800, { within: 30 });
    await stop(before);

    await dataSource.runMigrations();
    await connected({ migrate: false });
    await dataSource.destroy();
  });

  it('layout 2 moves beside a worker of its version, which goes on, and back again', async () => {
    const before = await worker(ofLayout2.lib, 'mail');
    expect(await database.layout()).toBe(2);
    await database.fill(1_000);
    const after = await worker(NEW, 'mail');
    expect(await database.layout()).toBe(3);
    const seen = handled(before).length;
    await until('both work', async () => {
      await database.ask(`insert into job_queue_jobs (pipeline, payload) values ('mail', '1')`);
      return handled(after).length > 0 && handled(before).length > seen;
    });
    await until('all that can run has run', async () => (await database.count('mail', 'ready')) === 0, {
      within: 30,
    });
    await stop(before, after);
    const ids = handled(before, after);
    expect(new Set(ids).size).toBe(ids.length);

    const dataSource = new DataSource({
      ...database.dataSource,
      migrations: [jobQueueMigration({ layout: 3 })],
    });
    await dataSource.initialize();
    await dataSource.runMigrations({ fake: true });
    await dataSource.undoLastMigration();
    await dataSource.destroy();
    expect(await database.layout()).toBe(2);
    await stop(await worker(ofLayout2.lib, 'mail'));
  });
});

it('names the migrations of all layouts', () => {
  expect(jobQueueMigrations()).toHaveLength(NEWEST_LAYOUT);
  expect(() => jobQueueMigration({ layout: 99 })).toThrow('The layout must be an integer from 1 to');
});
