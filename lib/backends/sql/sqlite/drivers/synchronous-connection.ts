import type { Ran, SqliteConnection } from './sqlite-driver';

/** What better-sqlite3 and `node:sqlite` have in common. */
export interface SynchronousDatabase {
  prepare(sql: string): Statement;
  close(): void;
}

interface Statement {
  /** Whether it gives rows; undefined where `all` takes every statement. */
  readonly reader?: boolean;
  /** Gives rows as lists from now on; so better-sqlite3. */
  raw?(enabled: boolean): unknown;
  /** The same; so `node:sqlite`. */
  setReturnArrays?(enabled: boolean): void;
  all(...parameters: readonly unknown[]): unknown[];
  run(...parameters: readonly unknown[]): {
    readonly changes: number | bigint;
    readonly lastInsertRowid: number | bigint;
  };
}

/** More than the queue uses again and again. */
const MOST_STATEMENTS = 200;

/** Prepares each statement once; of those with a number or a moment in their text, the oldest are forgotten. */
export class SynchronousConnection implements SqliteConnection {
  /** By their text. */
  private readonly statements = new Map<string, Statement>();
  /** The same, of those that give rows as lists. */
  private readonly listing = new Map<string, Statement>();

  constructor(private readonly database: SynchronousDatabase) {}

  rows<Row extends object>(sql: string, parameters: readonly unknown[]): Row[] {
    try {
      const statement = this.prepared(sql);
      if (statement.reader === false) {
        statement.run(...parameters);
        return [];
      }
      // Copied, because a native driver's arrays belong to another realm under jest, where they equal none of the test's.
      return [...(statement.all(...parameters) as Row[])];
    } catch (error) {
      throw named(error);
    }
  }

  lists<Row extends readonly unknown[]>(sql: string, parameters: readonly unknown[]): Row[] {
    try {
      const rows = [...this.preparedToList(sql).all(...parameters)] as Record<string, unknown>[];
      const lists: unknown[] = Array.isArray(rows[0]) ? rows : rows.map((row) => Object.values<unknown>(row));
      return lists as Row[];
    } catch (error) {
      throw named(error);
    }
  }

  run(sql: string, parameters: readonly unknown[]): Ran {
    try {
      const { changes, lastInsertRowid } = this.prepared(sql).run(...parameters);
      return { changes: Number(changes), lastId: Number(lastInsertRowid) };
    } catch (error) {
      throw named(error);
    }
  }

  close(): void {
    this.statements.clear();
    this.listing.clear();
    this.database.close();
  }

  private prepared(sql: string): Statement {
    const known = this.statements.get(sql);
    if (known) return known;
    const statement = this.database.prepare(sql);
    remember(this.statements, sql, statement);
    return statement;
  }

  private preparedToList(sql: string): Statement {
    const known = this.listing.get(sql);
    if (known) return known;
    const statement = this.database.prepare(sql);
    if (statement.raw) statement.raw(true);
    else statement.setReturnArrays?.(true);
    remember(this.listing, sql, statement);
    return statement;
  }
}

/** The oldest is forgotten first. */
function remember(statements: Map<string, Statement>, sql: string, statement: Statement): void {
  if (statements.size >= MOST_STATEMENTS) {
    for (const oldest of statements.keys()) {
      statements.delete(oldest);
      break;
    }
  }
  statements.set(sql, statement);
}

/** SQLite's primary result codes. */
const NAMES: Readonly<Record<number, string>> = {
  3: 'SQLITE_PERM',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  7: 'SQLITE_NOMEM',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  15: 'SQLITE_PROTOCOL',
  18: 'SQLITE_TOOBIG',
  19: 'SQLITE_CONSTRAINT',
  26: 'SQLITE_NOTADB',
};

/** Node gives all of SQLite's errors one code, with SQLite's own number beside it. */
export function named(error: unknown): unknown {
  const { code, errcode } = error as { code?: unknown; errcode?: number };
  if (code !== 'ERR_SQLITE_ERROR' || errcode === undefined) return error;
  return Object.assign(error as Error, { code: NAMES[errcode & 0xff] ?? 'SQLITE_ERROR' });
}
