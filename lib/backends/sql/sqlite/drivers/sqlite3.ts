import type { Ran, SqliteConnection, SqliteDriver } from './sqlite-driver';

/** The part of the package that is used. */
export interface Sqlite3 {
  readonly Database: new (file: string, opened: Callback) => Sqlite3Database;
}

interface Sqlite3Database {
  all(
    sql: string,
    parameters: readonly unknown[],
    callback: (error: Error | null, rows: object[]) => void,
  ): void;
  run(
    sql: string,
    parameters: readonly unknown[],
    callback: (this: Statement, error: Error | null) => void,
  ): void;
  close(closed: Callback): void;
}

interface Statement {
  readonly changes: number;
  readonly lastID: number;
}

type Callback = (error: Error | null) => void;

export function sqlite3({ Database }: Sqlite3): SqliteDriver {
  return {
    name: 'sqlite3',
    async open(file) {
      const database = await new Promise<Sqlite3Database>((resolve, reject) => {
        const opened = new Database(file, (error) => (error ? reject(error) : resolve(opened)));
      });
      return new Sqlite3Connection(database);
    },
  };
}

class Sqlite3Connection implements SqliteConnection {
  constructor(private readonly database: Sqlite3Database) {}

  rows<Row extends object>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      // Copied, because a native driver's arrays belong to another realm under jest, where they equal none of the test's.
      this.database.all(sql, parameters, (error, rows) =>
        error ? reject(error) : resolve([...(rows as Row[])]),
      );
    });
  }

  async lists<Row extends readonly unknown[]>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return (await this.rows<Record<string, unknown>>(sql, parameters)).map((row) =>
      Object.values<unknown>(row),
    ) as unknown[] as Row[];
  }

  run(sql: string, parameters: readonly unknown[]): Promise<Ran> {
    return new Promise((resolve, reject) => {
      this.database.run(sql, parameters, function (error) {
        if (error) reject(error);
        else resolve({ changes: this.changes, lastId: this.lastID });
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.database.close((error) => (error ? reject(error) : resolve()));
    });
  }
}
