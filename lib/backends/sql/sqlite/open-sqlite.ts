import { existsSync } from 'node:fs';
import {
  BackendRefusedError,
  InvalidConfigurationError,
  type JobQueueError,
  SchemaMismatchError,
  shown,
} from '../../../core/contract/errors';
import type { Logger } from '../../../core/contract/logger';
import { DEFAULT_TABLE, JobTable } from '../layouts/job-table';
import type { Database } from '../open/database';
import { notFor, type SqlOptions, type TableOptions } from '../open/sql-options';
import { PollWakeUp } from '../ready/wake-up';
import type { SqliteDriver } from './drivers/sqlite-driver';
import { SqliteFile } from './file/sqlite-file';
import { checkedPath, MEMORY } from './file/sqlite-path';
import { WalWakeUp } from './file/wal-wake-up';
import { SqliteDialect } from './sqlite';

export function sqliteTable({ table = DEFAULT_TABLE, schema, compression }: TableOptions): JobTable {
  if (schema !== undefined) throw notFor('SQLite', 'schema', 'a file has only one');
  if (compression) throw notFor('SQLite', 'compression', 'it cannot compress');
  return new JobTable(table, undefined, (name) => `"${name}"`);
}

/**
 * Opens the file on a connection of the queue's own. A missing file is made, unless nothing may be made in it; a missing
 * folder is refused.
 */
export async function openSqlite(
  path: string,
  driver: SqliteDriver,
  options: SqlOptions,
  logger: Logger,
): Promise<Database & { readonly dialect: SqliteDialect }> {
  const table = sqliteTable(options);
  const synchronous = checkedSynchronous(options.synchronous ?? 'normal');
  const file = new SqliteFile(path === MEMORY ? path : checkedPath(path), driver, synchronous, logger);
  if (options.migrate === false && file.path !== MEMORY && !existsSync(file.path))
    throw new SchemaMismatchError(
      table.title,
      `does not exist, and migrate is false: there is no file ${shown(file.path)}. Correct the path, or make it with the SQL that job-queue sql sqlite prints.`,
    );
  const dialect = new SqliteDialect(file, table);
  try {
    await dialect.db.open();
  } catch (error) {
    throw notUsable(file.path, dialect.faults.reported(error));
  }
  const wakeUp = path === MEMORY ? new PollWakeUp() : new WalWakeUp(file.path, dialect.db);
  return { dialect, wakeUp, close: () => dialect.db.close() };
}

function checkedSynchronous(synchronous: unknown): string {
  if (synchronous === 'normal' || synchronous === 'full') return synchronous;
  throw new InvalidConfigurationError(
    `The option synchronous is ${shown(String(synchronous))}: use 'normal' or 'full'.`,
  );
}

/** A fault that passes by itself is told as it is; any other one is the file's. */
function notUsable(file: string, error: JobQueueError): JobQueueError {
  if (!(error instanceof BackendRefusedError)) return error;
  return new InvalidConfigurationError(
    `${shown(file)} cannot be used as a SQLite database: ${error.message}. Name another file.`,
    { cause: error },
  );
}
