import { read } from '../../../../core/checks/text';
import { InvalidConfigurationError } from '../../../../core/contract/errors';
import { methodOf } from '../../handles/handle';
import { type BetterSqlite3, betterSqlite3 } from './better-sqlite3';
import { type NodeSqlite, nodeSqlite } from './node-sqlite';
import type { SqliteDriver } from './sqlite-driver';

interface OpenedDatabase {
  readonly path: string;
  /** The very copy of SQLite that has opened it. */
  readonly driver: SqliteDriver;
}

/**
 * A database of better-sqlite3 or `node:sqlite` that the application has open; undefined for anything else.
 *
 * @throws {InvalidConfigurationError} for one in memory, which no other connection can see
 */
export function openedDatabase(given: object): OpenedDatabase | undefined {
  if (!methodOf(given, 'prepare')) return undefined;
  const { constructor } = given;
  if (typeof read(given, 'inTransaction') === 'boolean')
    return {
      path: inFile(read(given, 'name')),
      driver: betterSqlite3(constructor as unknown as BetterSqlite3),
    };
  const location = methodOf(given, 'location');
  if (!location || typeof read(given, 'isTransaction') !== 'boolean') return undefined;
  const DatabaseSync = constructor as unknown as NodeSqlite['DatabaseSync'];
  return { path: inFile(location()), driver: nodeSqlite({ DatabaseSync }) };
}

function inFile(path: unknown): string {
  if (typeof path === 'string' && path !== '' && path !== ':memory:') return path;
  throw new InvalidConfigurationError(
    'The option pool is a SQLite database in memory, which no other connection can see: use a file.',
  );
}
