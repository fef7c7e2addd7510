import type { DataSource } from 'typeorm';
import { read } from '../../../core/checks/text';
import { deadlineOf } from '../connection/deadline';
import { reached } from '../connection/reached';
import { methodOf } from '../handles/handle';
import { DEFAULT_TABLE, JobTable } from '../layouts/job-table';
import type { Database } from '../open/database';
import { driverPackage } from '../open/driver-package';
import { serverUrl } from '../open/server-url';
import { notFor, type SqlOptions, type TableOptions } from '../open/sql-options';
import type { OpenSql } from '../open/sql-system';
import { PollWakeUp } from '../ready/wake-up';
import { type MysqlClients, MysqlPool, type MysqlSource } from './connection/mysql-connection';
import { MysqlHosts } from './connection/mysql-hosts';
import { OWN_SESSION } from './connection/mysql-session';
import { mysqlUrlOptions } from './connection/mysql-url';
import { SideConnection } from './connection/side-connection';
import { MysqlDialect } from './mysql';

type OpenDatabase = Omit<Database, 'transactions'> & { readonly dialect: MysqlDialect };

export function mysqlTable({ table = DEFAULT_TABLE, schema }: TableOptions): JobTable {
  if (schema !== undefined) throw notFor('MySQL', 'schema', 'its schemas are databases; name one in the URL');
  return new JobTable(table, undefined, (name) => `\`${name}\``);
}

/** On connections of the queue's own. */
export async function openMysql(url: string, options: SqlOptions): Promise<OpenDatabase> {
  const server = serverUrl(url);
  const deadline = deadlineOf(options) / server.hosts.length;
  const each = server.hosts.map((host) => ({ name: host.name, options: mysqlUrlOptions(host.url, server) }));
  const { createPool } = await driverPackage<{ createPool: (options: object) => MysqlClients }>(
    () => import('mysql2'),
    'mysql2',
    'mysql',
  );
  const hosts = each.map((host) => ({
    name: host.name,
    pool: new MysqlPool(
      createPool({
        ...host.options,
        charset: 'utf8mb4',
        connectTimeout: deadline * 1000,
        enableKeepAlive: true,
        keepAliveInitialDelay: 10_000,
        // An exchange is several statements: in one packet they cost one round trip.
        multipleStatements: true,
      }),
      { session: OWN_SESSION, timeout: deadline },
    ),
  }));
  const [only, another] = hosts;
  const source = only && !another ? only.pool : new MysqlHosts(hosts, deadline);
  return reached(source, database(source, options, true));
}

/** On the pool of the application's DataSource. */
export function mysqlOf(dataSource: DataSource, options: SqlOptions): OpenDatabase {
  const { extra } = dataSource.options as { extra?: { multipleStatements?: boolean } };
  return onClients(clientsOf(dataSource), options, extra?.multipleStatements === true);
}

/** On a pool of mysql2 that is the application's, with callbacks or with promises. */
export function mysqlOnPool(given: object): OpenSql | undefined {
  const inner = read(given, 'pool');
  const clients = methodOf(inner, 'getConnection') ? inner : given;
  const config = read(read(clients, 'config'), 'connectionConfig');
  if (!methodOf(clients, 'getConnection') || config === undefined) return undefined;
  const multipleStatements = read(config, 'multipleStatements') === true;
  return async (options) => onClients(clients as MysqlClients, options, multipleStatements);
}

function onClients(clients: MysqlClients, options: SqlOptions, multipleStatements: boolean): OpenDatabase {
  const pool = MysqlPool.of(clients);
  const side = new SideConnection(pool);
  const { close, ...opened } = database(pool, options, multipleStatements, side);
  return { ...opened, close: () => Promise.all([side.end(), close()]).then(() => undefined) };
}

interface PoolCluster {
  of(pattern: string): Pick<MysqlClients, 'getConnection'>;
}

const masters = new WeakMap<PoolCluster, MysqlClients>();

/** With the option `replication`, TypeORM has a pool of pools, whose events name no pool. */
function clientsOf(dataSource: DataSource): MysqlClients {
  const { pool, poolCluster } = dataSource.driver as unknown as {
    pool?: MysqlClients;
    poolCluster: PoolCluster;
  };
  if (pool) return pool;
  const clients = masters.get(poolCluster) ?? masterOf(poolCluster);
  masters.set(poolCluster, clients);
  return clients;
}

function masterOf(cluster: PoolCluster): MysqlClients {
  const master = cluster.of('MASTER');
  const nothing = (): void => {};
  return { getConnection: (answer) => master.getConnection(answer), on: nothing, end: nothing };
}

function database(
  pool: MysqlSource,
  options: SqlOptions,
  multipleStatements: boolean,
  side?: SideConnection,
): OpenDatabase {
  const dialect = new MysqlDialect(pool, mysqlTable(options), {
    compression: options.compression ?? false,
    multipleStatements,
    deadline: deadlineOf(options),
    ...(side && { side }),
  });
  return { dialect, wakeUp: new PollWakeUp(), close: () => pool.end() };
}
