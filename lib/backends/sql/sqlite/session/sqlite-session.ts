import type { SqlSession } from '../../connection/executor';
import type { SqliteConnection } from '../drivers/sqlite-driver';

/** What SQLite's drivers can do beside. */
export interface ListingSession extends SqlSession {
  /** The rows, each as the list of its columns. */
  lists<Row extends readonly unknown[]>(sql: string, parameters: readonly unknown[]): Promise<Row[]>;
}

/**
 * Statements within a transaction on the queue's own connection. With a synchronous driver nobody else comes to turn
 * between them: who writes to the file then by such a driver of the application's would wait for the lock inside of it, for
 * seconds in which nothing runs.
 */
export class SqliteSession implements ListingSession {
  constructor(private readonly connection: SqliteConnection) {}

  async rows<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.connection.rows<Row>(sql, parameters);
  }

  async lists<Row extends readonly unknown[]>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return this.connection.lists<Row>(sql, parameters);
  }

  async change(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    return (await this.connection.run(sql, parameters)).changes;
  }
}
