import { Client } from 'pg';
import { NEWEST_LAYOUT } from '../../lib/backends/sql/layouts/layout';
import { sqlBackend } from '../../lib/typeorm';
import { askPostgres } from '../support/ask';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { until } from '../support/until';
import { found, FOUND_ALONE, LEFT_ALONE, lookedAt } from './doctor';

jest.setTimeout(120_000);

const HOUR_AGO = '(extract(epoch from clock_timestamp()) * 1000)::bigint - 3600000';

describe('job-queue doctor on PostgreSQL', () => {
  let database: FreshDatabase;
  const ask = (sql: string) => askPostgres(database.url, sql);

  beforeEach(async () => {
    database = await freshPostgresDatabase();
  });
  afterEach(() => database.drop());

  async function makeTables(): Promise<void> {
    const backend = sqlBackend(database.url);
    await backend.connect();
    await backend.close();
  }

  it('finds nothing on a right server', async () => {
    await makeTables();
    expect(await found(database.url)).toEqual({});
    expect(await lookedAt(database.url)).toMatchObject({
      server: expect.stringMatching(/^PostgreSQL 1\d/) as string,
      layout: `layout ${NEWEST_LAYOUT} in public.job_queue_jobs`,
      'wake-ups': 'word of new jobs arrives',
    });
  });

  it('finds each of ten things that are wrong', async () => {
    await makeTables();
    const name = new URL(database.url).pathname.slice(1);
    await ask('alter table job_queue_jobs set (autovacuum_enabled = false)');
    await ask(`alter database ${name} set default_transaction_isolation = 'serializable'`);
    await ask(`alter database ${name} set synchronous_commit = off`);
    await ask(LEFT_ALONE.job('mail', HOUR_AGO));
    await ask(LEFT_ALONE.job('held', HOUR_AGO));
    await ask(LEFT_ALONE.pause('held'));
    await ask(LEFT_ALONE.schedule(HOUR_AGO));
    for (const sql of LEFT_ALONE.foreign) await ask(sql);
    await ask(
      `insert into job_queue_jobs (pipeline, payload, state, priority) select 'gone', 'null', 'ready', 0 from generate_series(1, 20000)`,
    );
    await ask(`delete from job_queue_jobs where pipeline = 'gone'`);
    await until('the server has counted the dead rows', async () => {
      const [row] = await ask(
        `select n_dead_tup > 10000 as dead from pg_stat_all_tables where relname = 'job_queue_jobs'`,
      );
      return row?.['dead'] === true;
    });
    const idle = new Client({ connectionString: database.url, application_name: 'forgetful' });
    await idle.connect();
    await idle.query('begin isolation level repeatable read');
    await idle.query('select count(*) from job_queue_jobs');
    const role = `reader_${name}`;
    await ask(`create role ${role} login password 'secret'`);
    await ask(`grant select on all tables in schema public to ${role}`);
    try {
      // Of the other tests' transactions none is as old as that.
      const wrong = await until(
        'the transaction is old',
        async () => {
          const all = await found(database.url, '--patience', '3s');
          return all['oldest transaction'] ? all : undefined;
        },
        { within: 60 },
      );
      expect(wrong).toMatchObject({
        ...FOUND_ALONE,
        isolation: [expect.stringContaining('run at serializable')],
        durability: [expect.stringContaining('synchronous_commit is off')],
        vacuum: [
          expect.stringContaining('autovacuum is off for'),
          expect.stringMatching(/^20\d{3} dead rows stand between/),
        ],
        'oldest transaction': [
          expect.stringMatching(/^A transaction of process \d+ \(.+\) is open for \d+ s/),
        ],
      });
      const limited = new URL(database.url);
      [limited.username, limited.password] = [role, 'secret'];
      expect(await found(limited.href)).toMatchObject({
        rights: [expect.stringMatching(/no INSERT on .*no UPDATE on .*no DELETE on/)],
      });
    } finally {
      await idle.end();
      await ask(`drop owned by ${role}; drop role ${role}`);
    }
  });

  it('finds tables that are missing, and a server that does not answer', async () => {
    expect(await found(database.url)).toEqual({ layout: [expect.stringContaining('does not exist')] });
    expect(await found('postgres://nobody@127.0.0.1:1/x')).toEqual({
      server: [expect.stringContaining('not available')],
    });
  });
});
