import type { Breath } from '../../../../core/time/breath';
import type { SqlSession } from '../../connection/executor';
import type { SqliteConnection } from '../drivers/sqlite-driver';

/** What SQLite's drivers can do beside. */
export interface ListingSession extends SqlSession {
  /** The rows, each as the list of its columns. */
  lists<Row extends readonly unknown[]>(sql: string, parameters: readonly unknown[]): Promise<Row[]>;
}

/** Statements within a transaction on the queue's own connection. */
export class SqliteSession implements ListingSession {
  constructor(
    private readonly connection: SqliteConnection,
    private readonly breath: Breath,
  ) {}

  async rows<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    if (this.breath.due) await this.breath.taken();
    return this.connection.rows<Row>(sql, parameters);
  }

  async lists<Row extends readonly unknown[]>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    if (this.breath.due) await this.breath.taken();
    return this.connection.lists<Row>(sql, parameters);
  }

  async change(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    if (this.breath.due) await this.breath.taken();
    return (await this.connection.run(sql, parameters)).changes;
  }
}
