import type { JobId } from '../../../core/contract/job-data';
import type { Breath } from '../../../core/time/breath';
import type { SqlSession } from '../connection/executor';
import { allStored } from '../engine/stored-ids';
import type { SqliteConnection } from './drivers/sqlite-driver';

/** Statements on a connection of the queue's own. */
export class SqliteSession implements SqlSession {
  constructor(
    private readonly connection: SqliteConnection,
    private readonly breath: Breath,
  ) {}

  async rows<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    if (this.breath.due) await this.breath.taken();
    return this.connection.rows<Row>(sql, parameters);
  }

  async change(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    if (this.breath.due) await this.breath.taken();
    return (await this.connection.run(sql, parameters)).changes;
  }

  /**
   * Inserts one row by a statement without `returning` and returns its id: that clause has its price, since SQLite
   * collects the rows before it gives the first.
   */
  async insert(sql: string, parameters: readonly unknown[]): Promise<JobId> {
    if (this.breath.due) await this.breath.taken();
    const { lastId, changes } = await this.connection.run(sql, parameters);
    // The last id is that of an earlier row then.
    if (changes === 0) return allStored('sqlite', [sql])[0] as JobId;
    if (Number.isSafeInteger(lastId)) return String(lastId);
    // A driver's number is rounded beyond 2^53.
    const [row] = await this.connection.rows<{ id: JobId }>(
      'select cast(last_insert_rowid() as text) as id',
      [],
    );
    return row?.id ?? String(lastId);
  }
}
