import { driverErrorOf } from '../connection/driver-error';
import type { SqlSession } from '../connection/executor';
import { type JobTable, noteFirstLayout } from '../layouts/job-table';
import type { FoundTable, Layout, TableHistory } from '../layouts/layout';

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
    this.layouts = [{ version: 1, up: layout1(table, compression), down: drop }];
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

function layout1(table: JobTable, compression: boolean): string[] {
  const { jobs, pauses, schema } = table;
  const name = 'varchar(200) character set ascii collate ascii_bin';
  return [
    `create table if not exists ${pauses} (pipeline ${name} not null primary key, paused_until bigint not null) engine = InnoDB`,
    `create table if not exists ${schema} (version int not null primary key) engine = InnoDB`,
    noteFirstLayout(table),
    // Claims walk the first index in order: without it SKIP LOCKED locks every row that it scans.
    // Promotions look into the second for what is due. Ready is the last state, because a look that finds fewer jobs
    // than it asks for walks on behind them, up to the next row that is alive, whoever's it is: at least not over all
    // that was reserved and deleted in this pipeline.
    `create table ${jobs} (
id bigint unsigned not null auto_increment primary key,
pipeline ${name} not null,
payload ${compression ? 'longblob' : 'longtext character set utf8mb4 collate utf8mb4_bin'} not null,
state enum('delayed', 'reserved', 'buried', 'ready') character set ascii collate ascii_bin not null default 'ready',
priority int unsigned not null default 1024,
due_at bigint,
ttr_ms bigint not null default 60000 check (ttr_ms >= 1000),
token varchar(40) character set ascii collate ascii_bin,
attempts int not null default 0,
timeouts int not null default 0,
kicks int not null default 0,
added_at bigint,
retry text character set utf8mb4 collate utf8mb4_bin,
reason longtext character set utf8mb4 collate utf8mb4_bin,
check (state = 'ready' or due_at is not null),
index ${table.index('ready')} (pipeline, state, priority, id),
index ${table.index('due')} (state, due_at)
) engine = InnoDB`,
  ];
}
