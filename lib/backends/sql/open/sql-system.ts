import { InvalidConfigurationError, UnsupportedServerError } from '../../../core/contract/errors';
import { DEFAULT_TABLE, JobTable } from '../layouts/job-table';
import type { TableHistory } from '../layouts/layout';
import { MysqlHistory } from '../mysql/mysql-layouts';
import { PostgresHistory } from '../postgres/postgres-layouts';
import { SqliteHistory } from '../sqlite/sqlite-layouts';
import type { TableOptions } from './sql-options';

/** Databases by the SQL that they speak; MariaDB speaks MySQL's. */
export type SqlSystem = 'postgres' | 'mysql' | 'sqlite';

/** The system behind TypeORM's name of a driver. */
export function systemOf(driver: string): SqlSystem {
  switch (driver) {
    case 'postgres':
      return 'postgres';
    case 'mysql':
    case 'mariadb':
      return 'mysql';
    case 'better-sqlite3':
    case 'sqlite':
      return 'sqlite';
    default:
      throw new UnsupportedServerError(
        `A DataSource of type ${driver}`,
        'postgres, mysql, mariadb, better-sqlite3 or sqlite',
      );
  }
}

/** The tables that the options name; throws `InvalidConfigurationError` for an option that the system has not. */
export function jobTable(system: SqlSystem, options: TableOptions): JobTable {
  const { table = DEFAULT_TABLE, schema, compression = false } = options;
  switch (system) {
    case 'postgres':
      if (compression) throw notHere('compression', 'PostgreSQL', 'it compresses long values by itself');
      // Named in full, so that a search_path cannot lead elsewhere.
      return new JobTable(table, schema ?? 'public', (name) => `"${name}"`);
    case 'mysql':
      if (schema !== undefined)
        throw notHere('schema', 'MySQL', 'its schemas are databases; name one in the URL');
      return new JobTable(table, undefined, (name) => `\`${name}\``);
    case 'sqlite':
      if (schema !== undefined) throw notHere('schema', 'SQLite', 'a file has only one');
      if (compression) throw notHere('compression', 'SQLite', 'it cannot compress');
      return new JobTable(table, undefined, (name) => `"${name}"`);
  }
}

/** What the tables of these options have been in that database, and are. */
export function historyOf(system: SqlSystem, options: TableOptions): TableHistory {
  const table = jobTable(system, options);
  switch (system) {
    case 'postgres':
      return new PostgresHistory(table);
    case 'mysql':
      return new MysqlHistory(table, options.compression ?? false);
    case 'sqlite':
      return new SqliteHistory(table);
  }
}

function notHere(option: string, where: string, why: string): InvalidConfigurationError {
  return new InvalidConfigurationError(`The option ${option} is not for ${where}: ${why}. Leave it out.`);
}
