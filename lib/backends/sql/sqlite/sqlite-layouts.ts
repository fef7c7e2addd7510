import type { SqlSession } from '../connection/executor';
import { type JobTable, MAX_MOMENT, MAX_TTR_MS, noteFirstLayout } from '../layouts/job-table';
import type { FoundTable, Layout, TableHistory } from '../layouts/layout';
import { layout3 } from '../layouts/layout-3';
import { type ColumnTypes, createSideTables, dropSideTables } from '../layouts/side-tables';

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
    this.layouts = [
      { version: 1, up: layout1(table), down: drop },
      layout2(table),
      layout3(table, TYPES, {
        dropIndex: (ending) => `drop index ${table.index(ending)}`,
        havingAlone: (column) => ` where ${column} is not null`,
      }),
    ];
  }

  async found(db: SqlSession): Promise<FoundTable | undefined> {
    const columns = await db.rows<{ name: string }>('select name from pragma_table_info(?)', [
      this.table.name,
    ]);
    return columns.length === 0 ? undefined : { columns: columns.map(({ name }) => name) };
  }
}

const TYPES: ColumnTypes = {
  pipeline: 'text',
  key: 'text',
  text: 'text',
  payload: 'text',
  integer: 'integer',
  bigint: 'integer',
  job: 'integer',
  serial: 'integer primary key autoincrement',
};

function layout1(table: JobTable): string[] {
  const { jobs, pauses, schema } = table;
  return [
    `create table if not exists ${pauses} (pipeline text primary key, paused_until integer not null)`,
    `create table if not exists ${schema} (version integer not null primary key)`,
    noteFirstLayout(table),
    createJobs(jobs, COLUMNS_1),
    ...jobIndexes(table),
  ];
}

/** SQLite cannot change the check of a table: the table is rebuilt, in the transaction of the whole layout. */
function layout2(table: JobTable): Layout {
  const { schema } = table;
  const ttr = `min(ttr_ms, ${MAX_TTR_MS})`;
  const addedAt = `iif(added_at between 0 and ${MAX_MOMENT}, added_at, null)`;
  return {
    version: 2,
    up: [
      ...rebuilt(table, COLUMNS_2, { due_at: 'max(due_at, 0)', ttr_ms: ttr, added_at: addedAt }),
      `create unique index ${table.index('unique')} on ${table.jobs} (pipeline, unique_key) where unique_key is not null`,
      ...createSideTables(table, TYPES),
      // Databases of the first releases have no primary key there.
      `drop table ${schema}`,
      `create table ${schema} (version integer not null primary key)`,
      `insert into ${schema} (version) values (1)`,
    ],
    down: [
      ...dropSideTables(table),
      ...rebuilt(table, COLUMNS_1, {
        state: `iif(state = 'blocked', 'ready', state)`,
        due_at: `iif(state = 'blocked', null, due_at)`,
      }),
    ],
  };
}

type Columns = Readonly<Record<string, string>>;

// autoincrement: without it SQLite gives the id of a deleted last job to the next one.
const COLUMNS_1: Columns = {
  id: 'integer primary key autoincrement',
  pipeline: 'text not null',
  payload: 'text not null',
  state: `text not null default 'ready' check (state in ('ready', 'delayed', 'reserved', 'buried'))`,
  priority: 'integer not null default 1024 check (priority between 0 and 4294967295)',
  due_at: 'integer',
  ttr_ms: 'integer not null default 60000 check (ttr_ms >= 1000)',
  token: 'text',
  attempts: 'integer not null default 0',
  timeouts: 'integer not null default 0',
  kicks: 'integer not null default 0',
  added_at: `integer default (${SQLITE_NOW})`,
  retry: 'text',
  reason: 'text',
};

const COLUMNS_2: Columns = {
  ...COLUMNS_1,
  state: `text not null default 'ready' check (state in ('ready', 'delayed', 'reserved', 'buried', 'blocked'))`,
  due_at: 'integer check (due_at >= 0)',
  ttr_ms: `integer not null default 60000 check (ttr_ms between 1000 and ${MAX_TTR_MS})`,
  added_at: `integer default (${SQLITE_NOW}) check (added_at between 0 and ${MAX_MOMENT})`,
  unique_key: 'text',
  group_key: 'text',
  batch_id: 'integer',
  next: 'text',
  headers: 'text',
  flags: 'integer not null default 0',
};

function createJobs(name: string, columns: Columns): string {
  const lines = Object.entries(columns).map((column) => column.join(' '));
  return `create table ${name} (\n${lines.join(',\n')},\ncheck (state = 'ready' or due_at is not null)\n)`;
}

function jobIndexes(table: JobTable): string[] {
  return [
    // Claims walk this one in order. Delayed, reserved and buried jobs are not in it, however many there are.
    `create index ${table.index('ready')} on ${table.jobs} (pipeline, priority, id) where state = 'ready'`,
    // Promotions look here for what is due.
    `create index ${table.index('due')} on ${table.jobs} (due_at) where state in ('delayed', 'reserved')`,
    // Kicks and lists of buried jobs.
    `create index ${table.index('buried')} on ${table.jobs} (pipeline, due_at, id) where state = 'buried'`,
  ];
}

/** The jobs table with these columns and the same rows, but for values that are to be others. */
function rebuilt(table: JobTable, columns: Columns, values: Columns): string[] {
  const names = Object.keys(columns === COLUMNS_2 ? COLUMNS_1 : columns);
  const copy = table.side('new');
  return [
    createJobs(copy, columns),
    // The ids of deleted jobs are not given again.
    `insert into sqlite_sequence (name, seq) select '${table.name}_new', seq from sqlite_sequence where name = '${table.name}'`,
    `insert into ${copy} (${names.join(', ')}) select ${names.map((name) => values[name] ?? name).join(', ')} from ${table.jobs}`,
    `drop table ${table.jobs}`,
    `alter table ${copy} rename to ${table.jobs}`,
    ...jobIndexes(table),
  ];
}
