import type { OptionNames } from '../../../core/checks/options';
import { InvalidConfigurationError, shown } from '../../../core/contract/errors';
import { type Logger, silentLogger } from '../../../core/contract/logger';
import { SqlBackend } from '../engine/sql-backend';
import { LibraryTransactions } from '../transactions/library-transactions';
import type { RunTransaction } from '../transactions/run-transaction';
import type { Database } from './database';
import { checkedSqlOptions, SQL_OPTIONS, type SqlOptions } from './sql-options';
import { systemOfUrl } from './sql-systems';

export { sqlSchemes } from './sql-systems';

export interface SqlBackendOptions extends SqlOptions {
  /**
   * Runs transactions in the queue's database by the application's library: `(work) => prisma.$transaction(work)`. With
   * it handlers can have the option `transaction`.
   *
   * @default none: such a handler is refused
   */
  readonly transaction?: RunTransaction;
}

const OPTIONS: OptionNames<SqlBackendOptions> = { ...SQL_OPTIONS, transaction: true };

/**
 * The queue on connections of its own: `postgres://…`, `mysql://…`, `mariadb://…` or `sqlite:…`.
 *
 * @throws {InvalidConfigurationError} for another URL
 * @throws {InvalidJobOptionError} for an option that does not exist
 * @example
 * JobQueueModule.forRoot({ backend: sqlBackend('sqlite:jobs.sqlite', { synchronous: 'full' }) })
 *
 * sqlBackend(process.env.DATABASE_URL, { transaction: (work) => prisma.$transaction(work) })
 */
export function sqlBackend(
  url: string,
  given: SqlBackendOptions = {},
  logger: Logger = silentLogger,
): SqlBackend {
  const options = checkedSqlOptions(given, OPTIONS);
  const { transaction, migrate = true } = options;
  if (transaction !== undefined && typeof transaction !== 'function') throw noRunner(transaction);
  const system = systemOfUrl(url);
  const open = async (): Promise<Database> => {
    const database = await system.open(url, options, logger);
    const transactions =
      transaction && new LibraryTransactions(transaction, database.dialect, system.dataSourceTypes);
    return { ...database, logger, ...(transactions && { transactions }) };
  };
  return new SqlBackend(system, open, migrate, transaction !== undefined);
}

function noRunner(given: unknown): InvalidConfigurationError {
  return new InvalidConfigurationError(
    `The option transaction must be a function that runs work in a transaction, got ${shown(given)}: (work) => prisma.$transaction(work), for one.`,
  );
}
