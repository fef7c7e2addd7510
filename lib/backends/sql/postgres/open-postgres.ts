import type { DataSource } from 'typeorm';
import type { Logger } from '../../../core/contract/logger';
import type { Database } from '../connection/database';
import { deadlineOf } from '../connection/deadline';
import { driverPackage } from '../connection/driver-package';
import { reached } from '../connection/reached';
import { serverUrl } from '../connection/server-url';
import type { SqlOptions } from '../connection/sql-options';
import { jobTable } from '../connection/sql-system';
import { PostgresDialect } from './postgres';
import { type PgPool, PostgresPool } from './postgres-connection';
import { PostgresSignals } from './postgres-signals';

type OpenDatabase = Omit<Database, 'transactions'> & { readonly dialect: PostgresDialect };

/** On connections of the queue's own. */
export async function openPostgres(url: string, options: SqlOptions, logger: Logger): Promise<OpenDatabase> {
  const connectionString = serverUrl(url);
  const { Pool } = await driverPackage<{ Pool: new (options: object) => PgPool }>(
    () => import('pg'),
    'pg',
    'postgres',
  );
  const deadline = deadlineOf(options);
  const pool = new PostgresPool(
    new Pool({
      connectionString,
      application_name: 'job-queue',
      // pg would wait for ever for a server that accepts and says nothing.
      connectionTimeoutMillis: deadline * 1000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    }),
    true,
  );
  return reached(pool, database(pool, options, logger));
}

/** On the pool of the application's DataSource. */
export function postgresOf(dataSource: DataSource, options: SqlOptions, logger: Logger): OpenDatabase {
  const { master } = dataSource.driver as unknown as { master: PgPool };
  return database(new PostgresPool(master, false), options, logger);
}

function database(pool: PostgresPool, options: SqlOptions, logger: Logger): OpenDatabase {
  const dialect = new PostgresDialect(pool, jobTable('postgres', options), deadlineOf(options));
  const signals = new PostgresSignals(pool, dialect.db, dialect.table.title, logger);
  return { dialect, signals, close: () => pool.end() };
}
