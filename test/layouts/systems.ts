import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import type { DataSourceOptions } from 'typeorm';
import { askMysql, askPostgres, type Row } from '../support/ask';
import { mysqlClient, psql, sqlite3 } from '../support/clients';
import { freshMysqlDatabase, freshPostgresDatabase } from '../support/databases';
import { temporaryFolder } from '../support/temporary-folder';

/** An empty database, and what its layout is looked at with. */
export interface LayoutDatabase {
  readonly url: string;
  readonly dataSource: DataSourceOptions;
  ask(sql: string): Promise<Row[]>;
  /** Its name for the command `job-queue-schema`. */
  readonly system: 'postgres' | 'mysql' | 'sqlite';
  /** By its own command-line client. */
  client(sql: string): Promise<string>;
  /** Columns and indexes of all its tables. */
  catalogue(): Promise<unknown>;
  withoutPrimaryKey(): Promise<Row[]>;
  layout(): Promise<number>;
  count(pipeline: string, state: string): Promise<number>;
  /** So many jobs as layout 1 has them, a tenth of each kind and the rest ready; see the statement. */
  fill(jobs: number): Promise<void>;
  close(): Promise<void>;
}

type Basis = Pick<LayoutDatabase, 'url' | 'system' | 'dataSource' | 'ask' | 'client' | 'close'> & {
  readonly catalogueOf: string;
  readonly keyless: string;
  /** SQL of a table with the numbers 0 … n - 1 as `n`. */
  readonly numbers: (n: number) => string;
  readonly now: string;
};

function database({ catalogueOf, keyless, numbers, now, ...basis }: Basis): LayoutDatabase {
  const { ask } = basis;
  return {
    ...basis,
    catalogue: () => ask(catalogueOf),
    withoutPrimaryKey: () => ask(keyless),
    async layout() {
      const [row] = await ask('select version from job_queue_jobs_schema');
      return Number(row?.['version']);
    },
    async count(pipeline, state) {
      const [row] = await ask(
        `select count(*) as jobs from job_queue_jobs where pipeline = '${pipeline}' and state = '${state}'`,
      );
      return Number(row?.['jobs']);
    },
    async fill(jobs) {
      const kind = `(n % 10)`;
      await ask(`insert into job_queue_jobs (pipeline, payload, state, due_at, token, attempts, reason)
select case when ${kind} = 4 then 'paused' else 'mail' end, '{"n":1}',
  case ${kind} when 0 then 'delayed' when 1 then 'delayed' when 2 then 'reserved' when 3 then 'buried' else 'ready' end,
  case ${kind} when 0 then ${now} + 3600000 when 1 then ${now} + 3000 when 2 then ${now} + 1000 when 3 then ${now} end,
  case ${kind} when 2 then 'gone' end, case ${kind} when 3 then 3 else 0 end, case ${kind} when 3 then 'foreign' end
from (${numbers(jobs)}) numbers`);
      await ask(
        `insert into job_queue_jobs_pauses (pipeline, paused_until) values ('paused', ${now} + 3600000)`,
      );
    },
  };
}

async function mysql(): Promise<LayoutDatabase> {
  const fresh = await freshMysqlDatabase();
  const digit =
    '(select 0 d union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9)';
  return database({
    url: fresh.url,
    system: 'mysql',
    dataSource: { type: 'mysql', url: fresh.url },
    ask: (sql) => askMysql(fresh.url, sql),
    client: (sql) => mysqlClient(fresh.url, sql),
    close: () => fresh.drop(),
    now: `(timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000)`,
    numbers: (n) => {
      const digits = Math.round(Math.log10(n));
      const parts = Array.from({ length: digits }, (_, place) => `d${place}.d * ${10 ** place}`);
      return `select ${parts.join(' + ')} as n from ${parts.map((_, place) => `${digit} d${place}`).join(', ')}`;
    },
    catalogueOf: `select table_name as t, column_name as c, column_type as d, is_nullable as n, column_default as f
from information_schema.columns where table_schema = database()
union all select table_name, concat(index_name, '/', seq_in_index), column_name, cast(non_unique as char), ''
from information_schema.statistics where table_schema = database() order by 1, 2, 3`,
    keyless: `select table_name as t from information_schema.tables t where table_schema = database()
and not exists (select 1 from information_schema.table_constraints k where k.table_schema = t.table_schema
  and k.table_name = t.table_name and constraint_type = 'PRIMARY KEY')`,
  });
}

export const layoutDatabases = {
  mysql,
  mariadb: mysql,
  async postgres(): Promise<LayoutDatabase> {
    const fresh = await freshPostgresDatabase();
    return database({
      url: fresh.url,
      system: 'postgres',
      dataSource: { type: 'postgres', url: fresh.url },
      ask: (sql) => askPostgres(fresh.url, sql),
      client: (sql) => psql(fresh.url, sql),
      close: () => fresh.drop(),
      now: '(extract(epoch from now()) * 1000)::bigint',
      numbers: (n) => `select n from generate_series(0, ${n - 1}) n`,
      catalogueOf: `select table_name, column_name, data_type, is_nullable, column_default::text, null as definition
from information_schema.columns where table_schema = 'public'
union all select tablename, indexname, '', '', '', indexdef from pg_indexes where schemaname = 'public'
union all select conrelid::regclass::text, conname, '', '', '', pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace
order by 1, 2, 6`,
      keyless: `select relname from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r'
and not exists (select from pg_constraint where conrelid = c.oid and contype = 'p')`,
    });
  },
  async sqlite(): Promise<LayoutDatabase> {
    const folder = await temporaryFolder();
    const file = join(folder.path, 'jobs.sqlite');
    return database({
      url: `sqlite:${file}`,
      system: 'sqlite',
      dataSource: { type: 'better-sqlite3', database: file },
      async ask(sql) {
        const connection = new BetterSqlite(file, { timeout: 10_000 });
        try {
          const statement = connection.prepare(sql);
          // Copied: the driver's arrays belong to another realm under jest.
          if (/^select/i.test(sql)) return (statement.all() as Row[]).map((row) => ({ ...row }));
          statement.run();
          return [];
        } finally {
          connection.close();
        }
      },
      client: (sql) => sqlite3(file, sql),
      close: () => folder.remove(),
      now: `cast((julianday('now') - 2440587.5) * 86400000 as integer)`,
      numbers: (n) =>
        `with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n < ${n - 1}) select n from numbers`,
      catalogueOf: `select m.name as t, c.name as c, c.type as d, c."notnull" as n, c.dflt_value as f, c.pk as p
from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table'
union all select tbl_name, name, sql, 0, '', 0 from sqlite_master where type = 'index' order by 1, 2, 3`,
      keyless: `select m.name as t from sqlite_master m where m.type = 'table' and m.name not like 'sqlite_%'
and not exists (select 1 from pragma_table_info(m.name) c where c.pk > 0)`,
    });
  },
};
