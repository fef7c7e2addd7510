import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import type { SqlPlace, SqlPlaceName } from './places';

/** Something that is wrong with a queue, and what the doctor says of it. */
export interface Ailment {
  readonly what: string;
  readonly about: string;
  readonly finding: RegExp;
}

/** SQL for a moment an hour ago, in milliseconds since 1970. */
const HOUR_AGO: Record<SqlPlaceName, string> = {
  postgres: '(extract(epoch from clock_timestamp()) * 1000)::bigint - 3600000',
  mariadb: 'unix_timestamp() * 1000 - 3600000',
  mysql: 'unix_timestamp() * 1000 - 3600000',
  sqlite: `strftime('%s', 'now') * 1000 - 3600000`,
};

/** What is wrong on every system. */
const EVERYWHERE: readonly (Ailment & { readonly sql: (hourAgo: string) => readonly string[] })[] = [
  {
    ...{ what: 'a pipeline without a worker', about: 'pipelines' },
    finding: /^alone: 1 ready, the oldest added 3\d{3} s ago, and no living process works on it\.$/,
    sql: (hourAgo) => [readyJob('alone', hourAgo)],
  },
  {
    ...{ what: 'a pipeline that was paused and forgotten', about: 'pipelines' },
    finding: /^held: 1 ready, the oldest added 3\d{3} s ago, and it is paused until it is resumed\.$/,
    sql: (hourAgo) => [
      readyJob('held', hourAgo),
      `insert into job_queue_jobs_pauses (pipeline, paused_until) values ('held', 8640000000000000)`,
    ],
  },
  {
    ...{ what: 'a worker that takes nothing', about: 'pipelines' },
    finding: /^stuck: 1 ready, .* and its workers \(process 4711 on "web-1"\) hold none of its jobs\.$/,
    sql: (hourAgo) => [
      readyJob('stuck', hourAgo),
      `insert into job_queue_jobs_workers (id, host, pid, pipelines, concurrency, running, started_at, seen_at) values ('abcdefghijkl.1', 'web-1', 4711, 'busy stuck', 10, 1, ${hourAgo}, ${hourAgo} + 7200000)`,
    ],
  },
  {
    ...{ what: 'more work than its workers get done', about: 'pipelines' },
    finding:
      /^busy: 1 ready, .* and its workers \(process 4711 on "web-1"\) hold 1: more than they get done\.$/,
    sql: (hourAgo) => [
      readyJob('busy', hourAgo),
      `insert into job_queue_jobs (pipeline, payload, state, priority, due_at, token, added_at) values ('busy', 'null', 'reserved', 0, 8000000000000, 'abcdefghijkl-1', ${hourAgo})`,
    ],
  },
  {
    ...{ what: 'a schedule that is late', about: 'schedules' },
    finding: /^The schedule "nightly" is 3\d{3} s late\.$/,
    sql: (hourAgo) => [
      `insert into job_queue_jobs_schedules (name, pipeline, every_ms, next_at, source) values ('nightly', 'mail', 60000, ${hourAgo}, 'api')`,
    ],
  },
  {
    ...{ what: 'a name outside of the rule', about: 'rows' },
    finding: /^Names that no pipeline can have: 1, as "my mail"/,
    sql: () => [
      `insert into job_queue_jobs (pipeline, payload, state, priority, ttr_ms) values ('my mail', 'null', 'ready', 0, 60000)`,
    ],
  },
  {
    ...{ what: 'a job that is reserved by nobody', about: 'rows' },
    finding: /^Jobs that are reserved by nobody: 1/,
    sql: () => [
      `insert into job_queue_jobs (pipeline, payload, state, priority, due_at) values ('later', 'null', 'reserved', 0, 8000000000000)`,
    ],
  },
  {
    ...{ what: 'a key outside of the rule', about: 'rows' },
    finding: /^Unique keys that are empty or end in a space/,
    sql: () => [`insert into job_queue_jobs_keys (pipeline, unique_key) values ('mail', 'key ')`],
  },
];

function readyJob(pipeline: string, addedAt: string): string {
  return `insert into job_queue_jobs (pipeline, payload, state, priority, added_at) values ('${pipeline}', 'null', 'ready', 0, ${addedAt})`;
}

interface System {
  readonly ailments: readonly Ailment[];
  /** Brings them in; resolves with what takes them away. */
  spoil(place: SqlPlace): Promise<() => Promise<unknown>>;
}

const ofMysql: System = {
  ailments: [
    {
      ...{ what: 'a forgotten transaction', about: 'oldest transaction' },
      finding: /^The transaction of connection \d+ is open for \d+ s/,
    },
  ],
  async spoil({ url }) {
    const idle = await createConnection(url);
    await idle.query('start transaction');
    await idle.query('update job_queue_jobs set priority = 1');
    return () => idle.end();
  },
};

const SYSTEMS: Record<SqlPlaceName, System> = {
  postgres: {
    ailments: [
      {
        ...{ what: 'a default isolation that makes claims fail', about: 'isolation' },
        finding: /run at serializable/,
      },
      { what: 'commits that are not waited for', about: 'durability', finding: /synchronous_commit is off/ },
      { what: 'a table without autovacuum', about: 'vacuum', finding: /^autovacuum is off for/ },
      { what: 'a bloated table', about: 'vacuum', finding: /^20\d{3} dead rows stand between/ },
      {
        ...{ what: 'a forgotten transaction', about: 'oldest transaction' },
        finding: /^A transaction of process \d+ \(.+\) is open for \d+ s/,
      },
    ],
    async spoil({ url, ask }) {
      const name = new URL(url).pathname.slice(1);
      await ask('alter table job_queue_jobs set (autovacuum_enabled = false)');
      await ask(
        `insert into job_queue_jobs (pipeline, payload, state, priority) select 'gone', 'null', 'ready', 0 from generate_series(1, 20000)`,
      );
      await ask(`delete from job_queue_jobs where pipeline = 'gone'`);
      await ask(`alter database ${name} set default_transaction_isolation = 'serializable'`);
      await ask(`alter database ${name} set synchronous_commit = off`);
      const idle = new Client({ connectionString: url, application_name: 'forgetful' });
      await idle.connect();
      await idle.query('begin isolation level repeatable read');
      await idle.query('select count(*) from job_queue_jobs');
      return () => idle.end();
    },
  },
  mariadb: ofMysql,
  mysql: ofMysql,
  sqlite: { ailments: [], spoil: async () => async () => undefined },
};

/** All that is wrong with a place on that system when `spoil` is through with it. */
export function ailmentsOn(name: SqlPlaceName): readonly Ailment[] {
  return [...EVERYWHERE, ...SYSTEMS[name].ailments];
}

/** Makes the queue of that place wrong in all these ways; resolves with what ends those that last. */
export async function spoil(name: SqlPlaceName, place: SqlPlace): Promise<() => Promise<unknown>> {
  for (const { sql } of EVERYWHERE) for (const each of sql(HOUR_AGO[name])) await place.ask(each);
  return SYSTEMS[name].spoil(place);
}
