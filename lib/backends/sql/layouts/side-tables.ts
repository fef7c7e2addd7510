import type { JobTable } from './job-table';

/** What each database calls these types. */
export interface ColumnTypes {
  readonly pipeline: string;
  /** A text of at most 255 characters that is compared byte for byte. */
  readonly key: string;
  readonly text: string;
  readonly payload: string;
  readonly integer: string;
  readonly bigint: string;
  readonly job: string;
  /** A primary key that the database gives. */
  readonly serial: string;
}

interface SideTable {
  /** A type of `ColumnTypes`, and what else is to be said of the column. */
  readonly columns: Readonly<Record<string, string>>;
  /** Left out where the first column is a `serial`. */
  readonly primaryKey?: readonly string[];
  /** By the ending of their names, 12 characters at most. */
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
}

/**
 * The tables of layout 2 beside that of the jobs. A job's own row stays narrow; who uses none of these things has no
 * row here, and no claim, settlement or put reads them. Moments are milliseconds since 1970 (`_at`, `_until`); rates
 * are in microseconds, so that a thousand starts a second can be told from two thousand.
 *
 * Pauses stay in their own table: every claim reads that one, workers of layout 1 too, and a pipeline's rate changes
 * with every claim that it limits.
 */
export const LAYOUT_2_TABLES = {
  /** Limits of a pipeline, and of each of its keys; `tat_us` is when the next start would be on time. */
  pipelines: {
    columns: {
      pipeline: 'pipeline not null',
      max_running: 'integer',
      interval_us: 'bigint',
      burst: 'integer',
      tat_us: 'bigint',
      key_max_running: 'integer',
      key_interval_us: 'bigint',
      key_burst: 'integer',
    },
    primaryKey: ['pipeline'],
  },
  /** One row a key of a pipeline with limits: its turn, its rate, its pause. Running jobs are counted, not noted. */
  groups: {
    columns: {
      pipeline: 'pipeline not null',
      group_key: 'key not null',
      served_at: 'bigint not null default 0',
      tat_us: 'bigint',
      paused_until: 'bigint',
    },
    primaryKey: ['pipeline', 'group_key'],
    indexes: { turn: ['pipeline', 'served_at'] },
  },
  /** Unique keys that outlive their job, and on MySQL every unique key: a key counts while its job is there or its time runs. */
  keys: {
    columns: {
      pipeline: 'pipeline not null',
      unique_key: 'key not null',
      job_id: 'job',
      held_until: 'bigint',
    },
    primaryKey: ['pipeline', 'unique_key'],
    indexes: { keys_held: ['held_until'] },
  },
  /** Jobs that have ended, where they are kept. */
  done: {
    columns: {
      id: 'job not null',
      pipeline: 'pipeline not null',
      outcome: 'key not null',
      payload: 'payload',
      result: 'text',
      error: 'text',
      history: 'text',
      headers: 'text',
      unique_key: 'key',
      priority: 'bigint',
      attempts: 'integer',
      added_at: 'bigint',
      started_at: 'bigint',
      ended_at: 'bigint not null',
      keep_until: 'bigint',
      worker: 'key',
    },
    primaryKey: ['id'],
    indexes: { done_ended: ['pipeline', 'ended_at', 'id'], done_kept: ['keep_until'] },
  },
  schedules: {
    columns: {
      name: 'key not null',
      pipeline: 'pipeline not null',
      payload: 'text',
      options: 'text',
      cron: 'key',
      every_ms: 'bigint',
      time_zone: `key not null default 'UTC'`,
      missed: `key not null default 'once'`,
      overlap: 'integer not null default 1',
      next_at: 'bigint',
      last_at: 'bigint',
      paused: 'integer not null default 0',
      source: 'key not null',
      seen_at: 'bigint',
    },
    primaryKey: ['name'],
    indexes: { sched_next: ['next_at'] },
  },
  /** `failed_at` and `ended_at` are set once: the process that sets them adds the batch's `catch_job`, or the other two. */
  batches: {
    columns: {
      id: 'serial',
      name: 'key',
      total: 'integer not null default 0',
      then_job: 'text',
      catch_job: 'text',
      finally_job: 'text',
      added_at: 'bigint not null',
      failed_at: 'bigint',
      ended_at: 'bigint',
    },
    indexes: { batch_ended: ['ended_at'] },
  },
  /** Who is alive. */
  workers: {
    columns: {
      id: 'key not null',
      host: 'key',
      pid: 'integer',
      version: 'key',
      pipelines: 'text',
      concurrency: 'integer',
      started_at: 'bigint not null',
      seen_at: 'bigint not null',
    },
    primaryKey: ['id'],
  },
  progress: {
    columns: { job_id: 'job not null', progress: 'text not null', changed_at: 'bigint not null' },
    primaryKey: ['job_id'],
  },
  logs: {
    columns: {
      id: 'serial',
      job_id: 'job not null',
      attempt: 'integer',
      logged_at: 'bigint not null',
      line: 'text not null',
    },
    indexes: { logs_job: ['job_id', 'id'] },
  },
} satisfies Record<string, SideTable>;

/** The statements that make one of them in a database of these types; `engine` ends a table's statement. */
export function createSideTable(
  table: JobTable,
  types: ColumnTypes,
  name: string,
  { columns, primaryKey, indexes = {} }: SideTable,
  engine = '',
): string[] {
  const lines = Object.entries(columns).map(([column, type]) => {
    const [word = '', ...rest] = type.split(' ');
    return [column, types[word as keyof ColumnTypes], ...rest].join(' ');
  });
  if (primaryKey) lines.push(`primary key (${primaryKey.join(', ')})`);
  return [
    `create table ${table.side(name)} (\n${lines.join(',\n')}\n)${engine}`,
    ...Object.entries(indexes).map(
      ([suffix, of]) => `create index ${table.index(suffix)} on ${table.side(name)} (${of.join(', ')})`,
    ),
  ];
}

export function createSideTables(table: JobTable, types: ColumnTypes, engine?: string): string[] {
  return Object.entries(LAYOUT_2_TABLES).flatMap(([name, each]) =>
    createSideTable(table, types, name, each, engine),
  );
}

export function dropSideTables(table: JobTable): string[] {
  return Object.keys(LAYOUT_2_TABLES).map((name) => `drop table ${table.side(name)}`);
}
