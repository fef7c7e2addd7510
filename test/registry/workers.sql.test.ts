import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { SqlDialect } from '../../lib/backends/sql/engine/dialect';
import { GoneWorkers } from '../../lib/backends/sql/registry/gone-workers';
import { JobQueueModule, JobQueueService, type WorkerProcess as Registered } from '../../lib/index';
import { sqlBackend } from '../../lib/typeorm';
import manifest from '../../package.json';
import { type LayoutDatabase, layoutDatabases } from '../layouts/systems';
import { temporaryFolder } from '../support/temporary-folder';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';
import { WorkerProcess } from '../support/worker-process';

const WORKER = join(__dirname, 'registered-worker.ts');
const systems = selectedBackends().filter((name) => name in layoutDatabases);
/** Far longer than what is to be seen here: nothing comes back because its time is over. */
const TTR = 600;

/** Makes every deletion of such a row fail. */
const STAYING: Record<LayoutDatabase['system'], Record<'make' | 'drop', readonly string[]>> = {
  postgres: {
    make: [
      `create function stay() returns trigger language plpgsql as $$ begin raise 'not this one'; end $$`,
      'create trigger stay before delete on job_queue_jobs_workers for each row execute function stay()',
    ],
    drop: ['drop trigger stay on job_queue_jobs_workers', 'drop function stay()'],
  },
  mysql: {
    make: [
      `create trigger stay before delete on job_queue_jobs_workers for each row signal sqlstate '45000' set message_text = 'not this one'`,
    ],
    drop: ['drop trigger stay'],
  },
  sqlite: {
    make: [
      `create trigger stay before delete on job_queue_jobs_workers begin select raise(abort, 'not this one'); end`,
    ],
    drop: ['drop trigger stay'],
  },
};

describe.each(systems)('Processes that work on %s', (system) => {
  let database: LayoutDatabase;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let app: INestApplicationContext;
  let queue: JobQueueService;
  const workers: WorkerProcess[] = [];

  beforeAll(async () => {
    database = await layoutDatabases[system as keyof typeof layoutDatabases]();
    folder = await temporaryFolder();
    const module = JobQueueModule.forRoot({ backend: database.url, workers: false });
    app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    queue = app.get(JobQueueService);
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.kill()));
    await database.ask('delete from job_queue_jobs where 1 = 1');
    await database.ask('delete from job_queue_jobs_workers where 1 = 1');
  });
  afterAll(async () => {
    await app.close();
    await database.close();
    await folder.remove();
  });

  async function worker(pipeline: string, ...further: string[]): Promise<WorkerProcess> {
    const started = new WorkerProcess(WORKER, { args: [database.url, pipeline, ...further] });
    workers.push(started);
    await started.prints('works');
    return started;
  }

  const add = (pipeline: string, file: string, jobs: number) =>
    queue.addJobs(
      pipeline,
      Array.from({ length: jobs }, () => ({ payload: join(folder.path, file), ttr: TTR })),
    );

  const registered = async (pid: number): Promise<Registered | undefined> =>
    (await queue.workers()).find((each) => each.pid === pid);

  it('are listed while they live, as they are', async () => {
    expect(await queue.workers()).toEqual([]);
    const one = await worker('first');
    const other = await worker('second');
    const [, since] = await until('both are listed', async () => {
      const all = await queue.workers();
      return all.length === 2 && all;
    });
    expect(since).toMatchObject({
      host: hostname(),
      pid: other.pid,
      version: manifest.version,
      pipelines: ['another', 'second'],
      concurrency: 5,
      running: 0,
    });
    expect(Math.abs(since!.startedAt.getTime() - Date.now())).toBeLessThan(60_000);

    const ids = await add('first', 'counted', 3);
    for (const id of ids) await one.prints(`started ${id}.`);
    await until('they are counted', async () => (await registered(one.pid))?.running === 3);
    expect(await registered(other.pid)).toMatchObject({ running: 0 });
    writeFileSync(join(folder.path, 'counted'), '');

    one.signal('SIGTERM');
    await one.prints('closed');
    expect((await queue.workers()).map(({ pid }) => pid)).toEqual([other.pid]);
    expect(await database.ask('select id from job_queue_jobs_workers')).toHaveLength(1);
  }, 60_000);

  it('die, and what they held runs elsewhere soon; what is held by one that stands still does not', async () => {
    const dead = await worker('dead');
    const still = await worker('still');
    const [held, kept] = [await add('dead', 'dead', 4), await add('still', 'still', 4)];
    for (const id of held) await dead.prints(`started ${id}.`);
    for (const id of kept) await still.prints(`started ${id}.`);
    const heirs = [await worker('dead'), await worker('still')] as const;
    await until('all are listed', async () => (await queue.workers()).length === 4);

    still.signal('SIGSTOP');
    const died = performance.now();
    await dead.kill();
    for (const id of held) await heirs[0].prints(`started ${id}.`);
    // 4 s since its last beat, on a busy machine.
    expect(performance.now() - died).toBeLessThan(8000);
    for (const id of held) expect(await queue.findJob(id)).toMatchObject({ timeouts: 1, attempts: 0 });
    expect(await registered(dead.pid)).toBeUndefined();
    await until(
      'neither is listed',
      async () => (await queue.workers()).map(({ pid }) => pid).join() === heirs.map(({ pid }) => pid).join(),
      { within: 20 },
    );
    // The dead one is not asked after any more; the other one is.
    expect(await database.ask('select id from job_queue_jobs_workers where place is not null')).toHaveLength(
      3,
    );

    still.signal('SIGCONT');
    writeFileSync(join(folder.path, 'still'), '');
    writeFileSync(join(folder.path, 'dead'), '');
    for (const id of kept) await still.prints(`ended ${id}.`);
    for (const id of held) await heirs[0].prints(`ended ${id}.`);
    await until('nothing is left', async () => (await queue.stats('still')).reserved === 0);
    expect(heirs[1].output).not.toContain('started');
    for (const id of held) expect(heirs[0].output.split(`started ${id}.`)).toHaveLength(2);
    await until('it is listed again', () => registered(still.pid));
  }, 120_000);

  it('die, and one of another network with the same files frees what they held', async () => {
    const dead = await worker('dead');
    const [id] = await add('dead', 'never', 1);
    await dead.prints(`started ${id}.`);
    const [row] = await until('it is listed', async () => {
      const rows = await database.ask('select id, place from job_queue_jobs_workers');
      return rows.length === 1 && rows;
    });
    const file = join(tmpdir(), `nestjs-simple-job-queue.${String(row!['id']).slice(0, 12)}`);
    expect(statSync(file).isSocket()).toBe(true);
    await dead.kill();
    await database.ask(
      `update job_queue_jobs_workers set place = '${String(row!['place']).replace(/ .*/, ' net:[1]')}'`,
    );
    const heir = await worker('dead');
    await heir.prints(`started ${id}.`);
    await until('its file is gone', () => !existsSync(file));
    const [own] = await database.ask('select id from job_queue_jobs_workers where place is not null');
    const itsFile = join(tmpdir(), `nestjs-simple-job-queue.${String(own!['id']).slice(0, 12)}`);
    expect(existsSync(itsFile)).toBe(true);
    writeFileSync(join(folder.path, 'never'), '');
    heir.signal('SIGTERM');
    await heir.prints('closed');
    expect(existsSync(itsFile)).toBe(false);
  }, 60_000);

  it.each([
    ['of another machine', /^.*$/, 'another-machine net:[1]', 60_000],
    ['of another network, whose files are not here', / .*$/, ' net:[1]', 60_000],
    ['whose beats arrive, though nobody listens for it', /$/, '', 0],
  ])(
    'keep what they hold: one %s',
    async (_who, pattern, replacement, silent) => {
      const heir = await worker('mail');
      await until('it is listed', () => registered(heir.pid));
      const [row] = await database.ask(`select id, place, seen_at from job_queue_jobs_workers`);
      const [id] = await add('mail', 'none', 1);
      await heir.prints(`started ${id}.`);
      // As if it were of another process, which is not there.
      const other = 'ABCDEFGHIJKL';
      await database.ask(`update job_queue_jobs set token = '${other}1.1'`);
      const beat = () =>
        database.ask(
          `update job_queue_jobs_workers set seen_at = (select seen_at - ${silent} from (select seen_at from job_queue_jobs_workers where id <> '${other}.1') s) where id = '${other}.1'`,
        );
      await database.ask(
        `insert into job_queue_jobs_workers (id, place, pipelines, started_at, seen_at) values ('${other}.1', '${String(row!['place']).replace(pattern, replacement)}', 'mail', 0, ${Number(row!['seen_at']) - silent})`,
      );
      const looked = (await registered(heir.pid))!.seenAt.getTime();
      await until(
        'it has looked twice',
        async () => {
          await beat();
          return (await registered(heir.pid))!.seenAt.getTime() > looked + 9000;
        },
        { within: 30 },
      );
      expect(await queue.findJob(id!)).toMatchObject({ state: 'reserved', timeouts: 0 });
    },
    60_000,
  );

  it('are known by their own names also in a cluster', async () => {
    await worker('mail', 'cluster');
    const [row] = await until('it is listed', async () => {
      const rows = await database.ask('select id, place from job_queue_jobs_workers');
      return rows.length === 1 && rows;
    });
    expect(row!['place']).toMatch(/ net:\[\d+]$/);
    const name = `nestjs-simple-job-queue.${String(row!['id']).slice(0, 12)}`;
    expect(readFileSync('/proc/net/unix', 'utf8')).toContain(`@${name}@`);
    expect(existsSync(join(tmpdir(), name))).toBe(true);
  }, 60_000);

  it('hear whether each other one would know of their death', async () => {
    const backend = sqlBackend(database.url);
    await backend.connect();
    try {
      const membership = backend.features.registry.join();
      const report = { host: 'here', pid: 1, pipelines: ['mail'], concurrency: 1, running: 0 };
      const hears = async () => (await membership.beat(report))?.provable;
      expect(await hears()).toBe(true);
      const [row] = await database.ask('select place, seen_at from job_queue_jobs_workers');
      const silentFor = (milliseconds: number) => Number(row!['seen_at']) - milliseconds;
      const other = async (place: string | null, seenAt: number) => {
        await database.ask(`delete from job_queue_jobs_workers where id = 'ABCDEFGHIJKL.1'`);
        await database.ask(
          `insert into job_queue_jobs_workers (id, place, pipelines, started_at, seen_at) values ('ABCDEFGHIJKL.1', ${place === null ? 'null' : `'${place}'`}, 'mail', 0, ${seenAt})`,
        );
      };
      const here = String(row!['place']);
      // It died here: silent for a moment, and then for long enough.
      await other(here, silentFor(0));
      expect(await hears()).toBe(true);
      await other(here, silentFor(4000));
      expect(await hears()).toBe(true);
      expect(await database.ask(`select id from job_queue_jobs_workers where place is null`)).toHaveLength(1);
      expect(await hears()).toBe(true);

      await other('another-machine net:[1]', silentFor(0));
      expect(await hears()).toBe(false);
      await other(null, silentFor(0));
      expect(await hears()).toBe(false);
      await other(null, silentFor(16_000));
      expect(await hears()).toBe(true);
      await membership.leave();
    } finally {
      await backend.close();
    }
  });

  it('are listed where the rows of others cannot be removed', async () => {
    const { make, drop } = STAYING[database.system];
    await database.ask(
      `insert into job_queue_jobs_workers (id, pipelines, started_at, seen_at) values ('ABCDEFGHIJKL.1', 'mail', 0, 0)`,
    );
    for (const statement of make) await database.ask(statement);
    try {
      const one = await worker('mail');
      const { seenAt } = await until('it is listed', () => registered(one.pid));
      await until(
        'it is seen again',
        async () => (await registered(one.pid))!.seenAt.getTime() > seenAt.getTime(),
        { within: 20 },
      );
      expect(one.output).not.toContain('no list of workers');
    } finally {
      for (const statement of drop) await database.ask(statement);
    }
  }, 60_000);

  it('are forgotten an hour after they died elsewhere', async () => {
    await database.ask(
      `insert into job_queue_jobs_workers (id, pipelines, started_at, seen_at) values ('ABCDEFGHIJKL.1', 'mail', 0, 0)`,
    );
    const living = await worker('mail');
    await until('one is listed', () => registered(living.pid));
    expect(await queue.workers()).toHaveLength(1);
    const backend = sqlBackend(database.url);
    await backend.connect();
    const { dialect } = (backend as unknown as { connection: { dialect: SqlDialect } }).connection;
    await new GoneWorkers(dialect).prune();
    await backend.close();
    const rows = await database.ask('select id from job_queue_jobs_workers');
    expect(rows.map(({ id }) => id)).not.toContain('ABCDEFGHIJKL.1');
    expect(rows).toHaveLength(1);
  }, 60_000);
});
