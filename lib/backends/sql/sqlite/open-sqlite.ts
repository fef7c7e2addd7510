import type { DataSource, DataSourceOptions } from 'typeorm';
import {
  BackendRefusedError,
  InvalidConfigurationError,
  type JobQueueError,
  shown,
} from '../../../core/contract/errors';
import type { Database } from '../connection/database';
import { newDataSource } from '../connection/own-data-source';
import type { SqlOptions } from '../connection/sql-options';
import { jobTable } from '../connection/sql-system';
import { noSignals } from '../engine/signals';
import { SqliteDialect } from './sqlite';
import { checkedPath, MEMORY } from './sqlite-path';
import { SqliteSignals } from './sqlite-signals';

/** TypeORM's names of the two drivers. */
export type SqliteDriver = 'better-sqlite3' | 'sqlite';

/** What a checkpoint leaves of the write-ahead log, in bytes: four times what it has between two of them. */
const LOG_SIZE = 16 * 1024 * 1024;

/**
 * Opens the file on a connection of the queue's own. TypeORM would make missing folders; here they are an
 * error, because a mistyped path would quietly become a second, empty queue.
 */
export async function openSqlite(
  path: string,
  driver: SqliteDriver | undefined,
  options: SqlOptions,
): Promise<Database & { readonly dialect: SqliteDialect }> {
  const table = jobTable('sqlite', options);
  const database = path === MEMORY ? path : checkedPath(path);
  const synchronous = checkedSynchronous(options.synchronous ?? 'normal');
  const type = driver ?? installedDriver();
  const dataSource = await newDataSource({ type, database, timeout: 0 } as DataSourceOptions, PACKAGES[type]);
  const dialect = new SqliteDialect(dataSource, table);
  try {
    await dataSource.initialize();
    await prepare(dialect, synchronous);
  } catch (error) {
    await destroyed(dataSource);
    throw notUsable(database, dialect.faults.reported(error));
  }
  const signals = database === MEMORY ? noSignals : new SqliteSignals(database, dialect.db);
  return { dialect, signals, close: () => destroyed(dataSource) };
}

const PACKAGES: Record<SqliteDriver, string> = { 'better-sqlite3': 'better-sqlite3', sqlite: 'sqlite3' };

/** better-sqlite3 where it is installed; sqlite3 is only known to TypeORM 0.3. */
function installedDriver(): SqliteDriver {
  return isInstalled('better-sqlite3') || !isInstalled('sqlite3') ? 'better-sqlite3' : 'sqlite';
}

function isInstalled(packageName: string): boolean {
  try {
    require.resolve(packageName);
    return true;
  } catch {
    return false;
  }
}

function checkedSynchronous(synchronous: unknown): string {
  if (synchronous === 'normal' || synchronous === 'full') return synchronous;
  throw new InvalidConfigurationError(
    `The option synchronous is ${shown(String(synchronous))}: use 'normal' or 'full'.`,
  );
}

async function prepare({ db }: SqliteDialect, synchronous: string): Promise<void> {
  // Waiting for a lock is the executor's, on a timer: the sqlite3 driver would wait a second inside.
  await db.rows('pragma busy_timeout = 0');
  await db.rows('pragma journal_mode = wal');
  // With WAL, NORMAL survives any crash of a process; a power cut may undo the last commits, never break the file.
  await db.rows(`pragma synchronous = ${synchronous}`);
  // Without a limit the log keeps the size that it had while somebody read for long.
  await db.rows(`pragma journal_size_limit = ${LOG_SIZE}`);
}

/** A fault that passes by itself is told as it is; any other one is the file's. */
function notUsable(file: string, error: JobQueueError): JobQueueError {
  if (!(error instanceof BackendRefusedError)) return error;
  return new InvalidConfigurationError(
    `${shown(file)} cannot be used as a SQLite database: ${error.message}. Name another file.`,
    { cause: error },
  );
}

async function destroyed(dataSource: DataSource): Promise<void> {
  if (dataSource.isInitialized) await dataSource.destroy();
}
