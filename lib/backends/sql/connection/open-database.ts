import type { DataSource, DataSourceOptions } from 'typeorm';
import { InvalidConfigurationError, shown } from '../../../core/contract/errors';
import type { Seconds } from '../../../core/contract/job-data';
import type { Logger } from '../../../core/contract/logger';
import { noSignals } from '../engine/signals';
import { MysqlDialect } from '../mysql/mysql';
import { PostgresDialect } from '../postgres/postgres';
import { PostgresSignals } from '../postgres/postgres-signals';
import { driverOf, findDriver } from '../sqlite/drivers/find-driver';
import { openSqlite } from '../sqlite/open-sqlite';
import { MEMORY, pathOfUrl } from '../sqlite/sqlite-path';
import { SqliteTransactions } from '../sqlite/sqlite-transactions';
import { ApplicationTransactions } from '../transactions/application-transactions';
import type { Database } from './database';
import { newDataSource } from './own-data-source';
import type { SqlOptions } from './sql-options';
import { jobTable, systemOf } from './sql-system';

/** As long as mysql2 waits by itself; pg would wait for ever for a server that accepts and says nothing. */
const CONNECT_TIMEOUT: Seconds = 10;

/** What to do when the first connection fails. */
const ADVICE = {
  unavailable: 'Start the server, or correct host and port in the URL.',
  refused: 'Correct user, password or database in the URL.',
};

/** Opens a DataSource of the queue's own: `postgres://…`, `mysql://…`, `mariadb://…` or `sqlite:…`. */
export async function openDatabase(url: string, options: SqlOptions, logger: Logger): Promise<Database> {
  const scheme = schemeOf(url);
  switch (scheme) {
    case 'sqlite':
      return openSqlite(pathOfUrl(url), await findDriver(), options, logger);
    case 'postgres':
    case 'postgresql':
      return owned(
        await newDataSource(
          {
            type: 'postgres',
            url: serverUrl(url),
            applicationName: 'job-queue',
            connectTimeoutMS: CONNECT_TIMEOUT * 1000,
            // A host that is gone without a word would leave a statement unanswered for ever.
            extra: { keepAlive: true, keepAliveInitialDelayMillis: 10_000 },
          },
          'pg',
        ),
        options,
        logger,
      );
    case 'mysql':
    case 'mariadb':
      return owned(await newDataSource(mysqlOptions(serverUrl(url)), 'mysql2'), options, logger);
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
  if (systemOf(type) === 'sqlite') {
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
  const database = connected(dataSource, options, logger);
  return {
    ...database,
    transactions: new ApplicationTransactions(dataSource, database.dialect),
    close: () => Promise.resolve(),
  };
}

async function owned(dataSource: DataSource, options: SqlOptions, logger: Logger): Promise<Database> {
  const database = connected(dataSource, options, logger);
  try {
    await dataSource.initialize();
  } catch (error) {
    throw database.dialect.faults.reported(error, ADVICE);
  }
  return { ...database, close: () => dataSource.destroy() };
}

function connected(
  dataSource: DataSource,
  options: SqlOptions,
  logger: Logger,
): Pick<Database, 'dialect' | 'signals'> {
  const dialect = dialectOf(dataSource, options);
  const signals =
    dialect.name === 'postgres' ? new PostgresSignals(dataSource, dialect.table.title, logger) : noSignals;
  return { dialect, signals };
}

function dialectOf(dataSource: DataSource, options: SqlOptions): PostgresDialect | MysqlDialect {
  const { type, extra } = dataSource.options as { type: string; extra?: { multipleStatements?: boolean } };
  const system = systemOf(type);
  const table = jobTable(system, options);
  if (system === 'postgres') return new PostgresDialect(dataSource, table);
  return new MysqlDialect(dataSource, table, {
    compression: options.compression ?? false,
    multipleStatements: extra?.multipleStatements === true,
  });
}

function mysqlOptions(url: string): DataSourceOptions {
  return {
    type: 'mysql',
    url: url.replace(/^mariadb:/, 'mysql:'),
    charset: 'utf8mb4',
    supportBigNumbers: true,
    // An exchange is several statements: in one packet they cost one round trip.
    extra: { multipleStatements: true },
  };
}

function schemeOf(url: string): string {
  return /^([a-z0-9+]+):/i.exec(url)?.[1]?.toLowerCase() ?? '';
}

/** Checks the URL; a message about it never repeats it, because it may hold a password. */
function serverUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed?.hostname || parsed.pathname.length < 2) {
    throw new InvalidConfigurationError(
      `The ${schemeOf(url)} URL is not complete: use ${schemeOf(url)}://user:password@host:port/database.`,
    );
  }
  if (!isDecodable(parsed.username) || !isDecodable(parsed.password)) {
    throw new InvalidConfigurationError(
      `The ${schemeOf(url)} URL has a % in its user or password that escapes nothing: write it as %25.`,
    );
  }
  return url;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
