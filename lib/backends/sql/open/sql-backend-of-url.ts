import type { OptionNames } from '../../../core/checks/options';
import { InvalidConfigurationError, shown } from '../../../core/contract/errors';
import type { Logger } from '../../../core/contract/logger';
import { SqlBackend } from '../engine/sql-backend';
import { LibraryTransactions } from '../transactions/library-transactions';
import type { Database } from './database';
import {
  checkedSqlOptions,
  type PoolBackendOptions,
  SQL_OPTIONS,
  type SqlBackendOptions,
} from './sql-options';
import type { OpenSql, SqlSystem } from './sql-system';
import { openingOfPool, systemOfUrl } from './sql-systems';

export { sqlSchemes } from './sql-systems';

const OPTIONS: OptionNames<SqlBackendOptions> = { ...SQL_OPTIONS, transaction: true };
const POOL_OPTIONS: OptionNames<PoolBackendOptions> = { ...OPTIONS, pool: true, logger: true };

/**
 * The queue on connections of its own, by a URL: `postgres://…`, `mysql://…`, `mariadb://…` or `sqlite:…`; or on the
 * application's, by its driver's pool.
 *
 * @throws {InvalidConfigurationError} for another URL, and for what is no pool of a known driver
 * @throws {InvalidJobOptionError} for an option that does not exist
 * @example
 * JobQueueModule.forRoot({ backend: sqlBackend('sqlite:jobs.sqlite', { synchronous: 'full' }) })
 *
 * sqlBackend({ pool, transaction: (work) => db.transaction(work) })
 */
export function sqlBackend(url: string, options?: SqlBackendOptions, logger?: Logger): SqlBackend;
export function sqlBackend(options: PoolBackendOptions): SqlBackend;
export function sqlBackend(
  given: string | PoolBackendOptions,
  givenOptions: SqlBackendOptions = {},
  givenLogger?: Logger,
): SqlBackend {
  if (typeof given === 'string') {
    const options = checkedSqlOptions(givenOptions, OPTIONS);
    const system = systemOfUrl(given);
    return backendOf(system, (...args) => system.open(given, ...args), options, givenLogger);
  }
  const { pool, logger, ...options } = checkedSqlOptions(given, POOL_OPTIONS);
  const { system, open } = openingOfPool(pool);
  return backendOf(system, open, options, logger);
}

/** The queue in the database that is opened so. */
export function backendOf(
  system: SqlSystem,
  open: OpenSql,
  options: SqlBackendOptions,
  own: Logger | undefined,
): SqlBackend {
  const { transaction, migrate = true } = options;
  if (transaction !== undefined && typeof transaction !== 'function') throw noRunner(transaction);
  const opened = async (given: Logger): Promise<Database> => {
    const logger = own ?? given;
    const database = await open(options, logger);
    const transactions =
      transaction && new LibraryTransactions(transaction, database.dialect, system.dataSourceTypes);
    return { ...database, logger, ...(transactions && { transactions }) };
  };
  return new SqlBackend(system, opened, migrate, transaction !== undefined);
}

function noRunner(given: unknown): InvalidConfigurationError {
  return new InvalidConfigurationError(
    `The option transaction must be a function that runs work in a transaction, got ${shown(given)}: (work) => prisma.$transaction(work), for one.`,
  );
}
