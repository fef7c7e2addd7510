import { InvalidConfigurationError, shown, UnsupportedServerError } from '../../../core/contract/errors';
import { mysql } from '../mysql/mysql-system';
import { postgres } from '../postgres/postgres-system';
import { sqlite } from '../sqlite/sqlite-system';
import { schemeOf } from './server-url';
import type { OpenSql, SqlSystem } from './sql-system';

/** The databases that the queue knows. A new one is a folder of its own, and its line here. */
export const sqlSystems: readonly SqlSystem[] = [postgres, mysql, sqlite];

/** How the URLs of all of them begin, without the colon. */
export const sqlSchemes: readonly string[] = sqlSystems.flatMap(({ schemes }) => schemes);

/** @throws {InvalidConfigurationError} for a URL that is no SQL database's */
export function systemOfUrl(url: string): SqlSystem {
  const scheme = schemeOf(url);
  const system = sqlSystems.find(({ schemes }) => schemes.includes(scheme));
  if (system) return system;
  throw new InvalidConfigurationError(
    `A SQL database's URL cannot begin with ${shown(`${scheme}:`)}: use one of ${sqlSchemes.map((each) => `${each}:`).join(', ')}.`,
  );
}

/**
 * The system of a driver's pool, and how the queue is opened on it.
 *
 * @throws {InvalidConfigurationError} for what is no pool of a known driver
 */
export function openingOfPool(pool: unknown): { readonly system: SqlSystem; readonly open: OpenSql } {
  if (typeof pool === 'object' && pool !== null) {
    for (const system of sqlSystems) {
      const open = system.onPool(pool);
      if (open) return { system, open };
    }
  }
  throw new InvalidConfigurationError(
    `The option pool is ${shown(pool)}: use a Pool of pg, a pool of mysql2, or a database of better-sqlite3 or node:sqlite.`,
  );
}

/**
 * The system behind TypeORM's name of a driver.
 *
 * @throws {UnsupportedServerError} for a driver of another database
 */
export function systemOfDataSource(type: string): SqlSystem {
  const system = sqlSystems.find(({ dataSourceTypes }) => dataSourceTypes.includes(type));
  if (system) return system;
  throw new UnsupportedServerError(
    `A DataSource of type ${type}`,
    `one of ${sqlSystems.flatMap(({ dataSourceTypes }) => dataSourceTypes).join(', ')}`,
  );
}
