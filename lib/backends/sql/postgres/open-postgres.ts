import type { DataSource } from 'typeorm';
import { read } from '../../../core/checks/text';
import type { Logger } from '../../../core/contract/logger';
import { deadlineOf } from '../connection/deadline';
import { reached } from '../connection/reached';
import { methodOf } from '../handles/handle';
import { DEFAULT_TABLE, JobTable } from '../layouts/job-table';
import type { Database } from '../open/database';
import { driverPackage } from '../open/driver-package';
import { refuseUnknownTls, serverUrl } from '../open/server-url';
import { notFor, type SqlOptions, type TableOptions } from '../open/sql-options';
import type { OpenSql } from '../open/sql-system';
import { type PgPool, PostgresPool, type PostgresSource } from './connection/postgres-connection';
import { PostgresHosts } from './connection/postgres-hosts';
import { PostgresDialect } from './postgres';
import { ListenWakeUp } from './wake-up/listen-wake-up';

/** What pg heeds; all of these but `disable` encrypt, and check the certificate but for `no-verify`. */
const TLS = ['ssl', 'sslmode', 'sslcert', 'sslkey', 'sslrootcert', 'sslnegotiation'];

type OpenDatabase = Omit<Database, 'transactions'> & { readonly dialect: PostgresDialect };

export function postgresTable({
  table = DEFAULT_TABLE,
  schema = 'public',
  compression,
}: TableOptions): JobTable {
  if (compression) throw notFor('PostgreSQL', 'compression', 'it compresses long values by itself');
  // Named in full, so that a search_path cannot lead elsewhere.
  return new JobTable(table, schema, (name) => `"${name}"`);
}

/** On connections of the queue's own. */
export async function openPostgres(url: string, options: SqlOptions, logger: Logger): Promise<OpenDatabase> {
  const server = serverUrl(url);
  refuseUnknownTls(server, TLS);
  const { Pool } = await driverPackage<{ Pool: new (options: object) => PgPool }>(
    () => import('pg'),
    'pg',
    'postgres',
  );
  const deadline = deadlineOf(options) / server.hosts.length;
  const hosts = server.hosts.map(({ name, url: { href } }) => ({
    name,
    pool: new PostgresPool(
      new Pool({
        connectionString: href,
        application_name: 'job-queue',
        // pg would wait for ever for a server that accepts and says nothing.
        connectionTimeoutMillis: deadline * 1000,
        keepAlive: true,
        keepAliveInitialDelayMillis: 10_000,
      }),
      true,
    ),
  }));
  const [only, another] = hosts;
  const source = only && !another ? only.pool : new PostgresHosts(hosts, deadline);
  return reached(source, database(source, options, logger));
}

/** On a Pool of pg that is the application's. */
export function postgresOnPool(given: object): OpenSql | undefined {
  const isPool = typeof read(given, 'Client') === 'function' && typeof read(given, 'totalCount') === 'number';
  if (!isPool || !methodOf(given, 'connect')) return undefined;
  return async (options, logger) => database(PostgresPool.of(given as PgPool), options, logger);
}

/** On the pool of the application's DataSource. */
export function postgresOf(dataSource: DataSource, options: SqlOptions, logger: Logger): OpenDatabase {
  const { master } = dataSource.driver as unknown as { master: PgPool };
  return database(PostgresPool.of(master), options, logger);
}

function database(pool: PostgresSource, options: SqlOptions, logger: Logger): OpenDatabase {
  const deadline = deadlineOf(options);
  const dialect = new PostgresDialect(pool, postgresTable(options), deadline);
  const wakeUp = new ListenWakeUp(pool, dialect, deadline, logger);
  return { dialect, wakeUp, close: () => pool.end() };
}
