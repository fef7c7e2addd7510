import type { JobTable } from '../job-table';

/** `now` is SQL for the clock in milliseconds since 1970. */
export function sqliteTables(table: JobTable, now: string): string[] {
  const { jobs, pauses, schema } = table;
  return [
    `create table if not exists ${pauses} (pipeline text primary key, paused_until integer not null)`,
    `create table if not exists ${schema} (version integer not null)`,
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
added_at integer default (${now}),
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
