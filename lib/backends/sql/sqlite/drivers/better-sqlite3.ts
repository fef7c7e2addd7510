import type { SqliteDriver } from './sqlite-driver';
import { SynchronousConnection, type SynchronousDatabase } from './synchronous-connection';

/** The package's class, or another one of its shape. */
export type BetterSqlite3 = new (file: string, options: { timeout: number }) => SynchronousDatabase;

export function betterSqlite3(Database: BetterSqlite3): SqliteDriver {
  return {
    name: 'better-sqlite3',
    // Waiting for a lock is the executor's, on a timer: this driver would wait for five seconds inside.
    open: (file) => new SynchronousConnection(new Database(file, { timeout: 0 })),
  };
}
