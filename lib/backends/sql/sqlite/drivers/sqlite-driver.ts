/** A value at once, or later: two of the three drivers are synchronous. */
export type Soon<T> = T | Promise<T>;

/**
 * One connection to a SQLite file, as a driver has it. It throws the driver's errors, whose `code` is SQLite's name
 * of the error: `SQLITE_BUSY`, ….
 */
export interface SqliteConnection {
  /** The rows that a select or a `returning` gives; none for other statements. */
  rows<Row extends object>(sql: string, parameters: readonly unknown[]): Soon<Row[]>;
  /** The same, each row as the list of its columns: for a driver much cheaper to make than an object. */
  lists<Row extends readonly unknown[]>(sql: string, parameters: readonly unknown[]): Soon<Row[]>;
  /** Runs a statement without `returning`. */
  run(sql: string, parameters: readonly unknown[]): Soon<Ran>;
  close(): Soon<void>;
}

export interface Ran {
  /** How many rows were changed. */
  readonly changes: number;
  /** The id of the last row that was inserted; rounded beyond 2^53. */
  readonly lastId: number;
}

/** A package, or a part of Node, that opens SQLite files. */
export interface SqliteDriver {
  readonly name: 'better-sqlite3' | 'node:sqlite' | 'sqlite3';
  open(file: string): Soon<SqliteConnection>;
}
