import { driverErrorOf } from '../connection/driver-error';
import type { SqlSession } from '../connection/executor';
import { type JobTable, MAX_MOMENT, MAX_TTR_MS, noteFirstLayout } from '../layouts/job-table';
import type { FoundTable, Layout, TableHistory } from '../layouts/layout';
import { layout3 } from '../layouts/layout-3';
import { type ColumnTypes, createSideTable, createSideTables, dropSideTables } from '../layouts/side-tables';

/**
 * What says that a statement's work is done already: 1050 table exists, 1060 column exists, 1061 index exists, 1068 has
 * a primary key, 1091 is gone. Each statement commits by itself here, and where named locks hold for one node alone
 * (Galera) several processes may run them at the same time.
 */
const DONE = new Set<unknown>([1050, 1060, 1061, 1068, 1091]);

export class MysqlHistory implements TableHistory {
  readonly layouts: readonly Layout[];
  readonly functions = [];

  constructor(
    private readonly table: JobTable,
    compression: boolean,
  ) {
    const { jobs, pauses, schema } = table;
    const drop = [jobs, pauses, schema].map((name) => `drop table ${name}`);
    this.layouts = [
      { version: 1, up: layout1(table, compression), down: drop },
      layout2(table, compression),
      layout3(table, types(compression), {
        dropIndex: (ending) => `drop index ${table.index(ending)} on ${table.side('done')}`,
        engine: ENGINE,
      }),
    ];
  }

  async found(db: SqlSession): Promise<FoundTable | undefined> {
    const columns = await db.rows<{ name: string }>(
      'select column_name as name from information_schema.columns where table_schema = database() and table_name = ?',
      [this.table.name],
    );
    return columns.length === 0 ? undefined : { columns: columns.map(({ name }) => name) };
  }

  isDone(error: unknown): boolean {
    return DONE.has(driverErrorOf(error).errno);
  }
}

const PIPELINE = 'varchar(200) character set ascii collate ascii_bin';
const KEY = 'varchar(255) character set utf8mb4 collate utf8mb4_bin';
const TEXT = 'longtext character set utf8mb4 collate utf8mb4_bin';
const STATE = (states: string) =>
  `enum(${states}) character set ascii collate ascii_bin not null default 'ready'`;

function layout1(table: JobTable, compression: boolean): string[] {
  const { jobs, pauses, schema } = table;
  return [
    `create table if not exists ${pauses} (pipeline ${PIPELINE} not null primary key, paused_until bigint not null) engine = InnoDB`,
    `create table if not exists ${schema} (version int not null primary key) engine = InnoDB`,
    noteFirstLayout(table),
    // Claims walk the first index in order: without it SKIP LOCKED locks every row that it scans.
    // Promotions look into the second for what is due. Ready is the last state, because a look that finds fewer jobs
    // than it asks for walks on behind them, up to the next row that is alive, whoever's it is: at least not over all
    // that was reserved and deleted in this pipeline.
    `create table ${jobs} (
id bigint unsigned not null auto_increment primary key,
pipeline ${PIPELINE} not null,
payload ${compression ? 'longblob' : TEXT} not null,
state ${STATE(`'delayed', 'reserved', 'buried', 'ready'`)},
priority int unsigned not null default 1024,
due_at bigint,
ttr_ms bigint not null default 60000 check (ttr_ms >= 1000),
token varchar(40) character set ascii collate ascii_bin,
attempts int not null default 0,
timeouts int not null default 0,
kicks int not null default 0,
added_at bigint,
retry text character set utf8mb4 collate utf8mb4_bin,
reason ${TEXT},
check (state = 'ready' or due_at is not null),
index ${table.index('ready')} (pipeline, state, priority, id),
index ${table.index('due')} (state, due_at)
) engine = InnoDB`,
  ];
}

const types = (compression: boolean): ColumnTypes => ({
  pipeline: PIPELINE,
  key: KEY,
  text: TEXT,
  payload: compression ? 'longblob' : TEXT,
  integer: 'int',
  bigint: 'bigint',
  job: 'bigint unsigned',
  serial: 'bigint unsigned not null auto_increment primary key',
});

const ENGINE = ' engine = InnoDB';

/**
 * The jobs table is rebuilt, because a state is added before `ready`, which has to stay the last one: writes wait
 * meanwhile. It has no index of unique keys or batches: InnoDB has no partial ones, and an index of nothing but nulls
 * was a fifth of a put. The tables of keys and of members have the rows that those would have.
 */
function layout2(table: JobTable, compression: boolean): Layout {
  const { jobs } = table;
  const members = {
    columns: { batch_id: 'job not null', job_id: 'job not null' },
    primaryKey: ['batch_id', 'job_id'],
  };
  return {
    version: 2,
    up: [
      ...createSideTables(table, types(compression), ENGINE),
      ...createSideTable(table, types(compression), 'members', members, ENGINE),
      ...schemaKey(table),
      // What the new checks refuse would refuse the layout.
      `update ${jobs} set ttr_ms = ${MAX_TTR_MS} where ttr_ms > ${MAX_TTR_MS}`,
      `update ${jobs} set added_at = null where added_at not between 0 and ${MAX_MOMENT}`,
      `update ${jobs} set due_at = 0 where due_at < 0`,
      // One statement, so that it is done or not.
      `alter table ${jobs}
modify state ${STATE(`'delayed', 'reserved', 'buried', 'blocked', 'ready'`)},
modify ttr_ms bigint not null default 60000 check (ttr_ms between 1000 and ${MAX_TTR_MS}),
modify due_at bigint check (due_at >= 0),
modify added_at bigint check (added_at between 0 and ${MAX_MOMENT}),
add column unique_key ${KEY},
add column group_key ${KEY},
add column batch_id bigint unsigned,
add column next ${TEXT},
add column headers ${TEXT},
add column flags smallint not null default 0`,
    ],
    // The checks of layout 2 stay: layout 1 adds nothing that they refuse, and servers name them differently.
    down: [
      `update ${jobs} set state = 'ready', due_at = null where state = 'blocked'`,
      `alter table ${jobs}
modify state ${STATE(`'delayed', 'reserved', 'buried', 'ready'`)},
drop column unique_key, drop column group_key, drop column batch_id, drop column next, drop column headers, drop column flags`,
      ...dropSideTables(table),
      `drop table ${table.side('members')}`,
    ],
  };
}

/** Databases of the first releases have no primary key there, and neither server says `if not exists` of one. */
function schemaKey({ name, schema }: JobTable): string[] {
  return [
    `set @job_queue_key = if(exists(select 1 from information_schema.table_constraints
  where table_schema = database() and table_name = '${name}_schema' and constraint_type = 'PRIMARY KEY'),
  'do 0', 'alter table ${schema} add primary key (version)')`,
    'prepare job_queue_key from @job_queue_key',
    'execute job_queue_key',
    'deallocate prepare job_queue_key',
  ];
}
