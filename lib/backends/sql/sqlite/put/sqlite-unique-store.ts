import type { JobId } from '../../../../core/contract/job-data';
import type { SqlSession } from '../../connection/executor';
import type { SqlDialect, UniquePut, UniqueRow, UniqueStore } from '../../engine/dialect';
import { MOST_PRUNED } from '../../ready/pruner';
import type { SerialExecutor } from '../session/serial-executor';
import { insertUnique, SqliteUniquePut } from './sqlite-put-unique';

/** A partial unique index has the keys. */
export class SqliteUniqueStore implements UniqueStore {
  readonly keyOfJob = 'j.unique_key';

  constructor(
    private readonly dialect: Pick<SqlDialect, 'table' | 'now'> & { readonly db: SerialExecutor },
  ) {}

  async put(rows: readonly UniqueRow[], transaction?: SqlSession): Promise<UniquePut[]> {
    const { dialect } = this;
    if (transaction) return new SqliteUniquePut(dialect, transaction).put(rows);
    const [only, another] = rows;
    if (only && !another && only.unique.for === undefined) {
      const id = await dialect.db.insertNew(...insertUnique(dialect, rows));
      if (id !== undefined) return [{ id, existed: false, due: only.delay }];
    }
    return dialect.db.transaction((session) => new SqliteUniquePut(dialect, session).put(rows));
  }

  async find(pipeline: string, key: string): Promise<JobId | undefined> {
    const { db, table } = this.dialect;
    const [job] = await db.rows<{ id: JobId }>(
      `select cast(id as text) as id from ${table.jobs} where pipeline = ? and unique_key = ?`,
      [pipeline, key],
    );
    return job?.id;
  }

  /** Of keys whose time is over: one without a time has no row here. */
  async prune(): Promise<boolean> {
    const { db, table, now } = this.dialect;
    const over = (limit: number) =>
      `select rowid from ${table.keys} where held_until <= ${now} order by held_until limit ${limit}`;
    // A look first: a deletion takes the write lock even when it finds nothing.
    if ((await db.rows(over(1))).length === 0) return false;
    return (
      (await db.change(`delete from ${table.keys} where rowid in (${over(MOST_PRUNED)})`)) === MOST_PRUNED
    );
  }
}
