import type { DataSource } from 'typeorm';
import { InvalidConfigurationError, shown } from '../../../core/contract/errors';
import type { Logger } from '../../../core/contract/logger';
import { mysqlOf, openMysql } from '../mysql/open-mysql';
import { openPostgres, postgresOf } from '../postgres/open-postgres';
import { driverOf, findDriver } from '../sqlite/drivers/find-driver';
import { openSqlite } from '../sqlite/open-sqlite';
import { MEMORY, pathOfUrl } from '../sqlite/sqlite-path';
import { SqliteTransactions } from '../sqlite/sqlite-transactions';
import { ApplicationTransactions } from '../transactions/application-transactions';
import type { Database } from './database';
import { schemeOf } from './server-url';
import type { SqlOptions } from './sql-options';
import { systemOf } from './sql-system';

/** Opens a database for the queue alone: `postgres://…`, `mysql://…`, `mariadb://…` or `sqlite:…`. */
export async function openDatabase(url: string, options: SqlOptions, logger: Logger): Promise<Database> {
  const scheme = schemeOf(url);
  switch (scheme) {
    case 'sqlite':
      return openSqlite(pathOfUrl(url), await findDriver(), options, logger);
    case 'postgres':
    case 'postgresql':
      return openPostgres(url, options, logger);
    case 'mysql':
    case 'mariadb':
      return openMysql(url, options);
    default:
      throw new InvalidConfigurationError(
        `${shown(`${scheme}:`)} is no backend's URL: use sqlite:, postgres://, mysql://, mariadb:// or beanstalkd://.`,
      );
  }
}

/** The application's DataSource, which stays the application's: it is never closed here. */
export async function databaseOf(
  dataSource: DataSource,
  options: SqlOptions,
  logger: Logger,
): Promise<Database> {
  const { type } = dataSource.options as { type: string };
  const system = systemOf(type);
  if (system === 'sqlite') {
    // TypeORM has one connection to a SQLite file: the queue's statements would fall into the application's transactions.
    const path = String(dataSource.options.database);
    const database = await openSqlite(path, driverOf(dataSource), options, logger);
    // Two connections to :memory: are two databases.
    if (path === MEMORY) return database;
    return { ...database, transactions: new SqliteTransactions(dataSource, database.dialect) };
  }
  if (!dataSource.isInitialized) {
    throw new InvalidConfigurationError(
      'The DataSource of the queue is not initialized: call dataSource.initialize() before.',
    );
  }
  const database =
    system === 'postgres' ? postgresOf(dataSource, options, logger) : mysqlOf(dataSource, options);
  return { ...database, transactions: new ApplicationTransactions(dataSource, database.dialect) };
}
