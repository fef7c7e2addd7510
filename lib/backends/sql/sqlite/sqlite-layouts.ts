import type { SqlSession } from '../connection/executor';
import { type JobTable, noteFirstLayout } from '../layouts/job-table';
import type { FoundTable, Layout, TableHistory } from '../layouts/layout';

/**
 * SQLite's clock in milliseconds since 1970. julianday is exact to some hundredths of a millisecond, and there
 * before unixepoch('subsec') was (3.42).
 */
export const SQLITE_NOW = `cast((julianday('now') - 2440587.5) * 86400000 as integer)`;

export class SqliteHistory implements TableHistory {
  readonly layouts: readonly Layout[];
  readonly functions = [];

  constructor(private readonly table: JobTable) {
    const { jobs, pauses, schema } = table;
    const drop = [jobs, pauses, schema].map((name) => `drop table ${name}`);
    this.layouts = [{ version: 1, up: layout1(table), down: drop }];
  }

  async found(db: SqlSession): Promise<FoundTable | undefined> {
    const columns = await db.rows<{ name: string }>('select name from pragma_table_info(?)', [
      this.table.name,
    ]);
    return columns.length === 0 ? undefined : { columns: columns.map(({ name }) => name) };
  }
}

function layout1(table: JobTable): string[] {
  const { jobs, pauses, schema } = table;
  return [
    `create table if not exists ${pauses} (pipeline text primary key, paused_until integer not null)`,
    `create table if not exists ${schema} (version integer not null primary key)`,
    noteFirstLayout(table),
    // autoincrement: without it SQLite gives the id of a deleted last job to the next one.
    `create table ${jobs} (
id integer primary key autoincrement,
pipeline text not null,
payload text not null,
state text not null default 'ready' check (state in ('ready', 'delayed', 'reserved', 'buried')),
priority integer not null default 1024 check (priority between 0 and 4294967295),
due_at integer,
ttr_ms integer not null default 60000 check (ttr_ms >= 1000),
token text,
attempts integer not null default 0,
timeouts integer not null default 0,
kicks integer not null default 0,
added_at integer default (${SQLITE_NOW}),
retry text,
reason text,
check (state = 'ready' or due_at is not null)
)`,
    // Claims walk this one in order. Delayed, reserved and buried jobs are not in it, however many there are.
    `create index ${table.index('ready')} on ${jobs} (pipeline, priority, id) where state = 'ready'`,
    // Promotions look here for what is due.
    `create index ${table.index('due')} on ${jobs} (due_at) where state in ('delayed', 'reserved')`,
    // Kicks and lists of buried jobs.
    `create index ${table.index('buried')} on ${jobs} (pipeline, due_at, id) where state = 'buried'`,
  ];
}
