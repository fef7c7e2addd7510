import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import type { DataSourceOptions } from 'typeorm';
import { Proxy } from '../faults/support/proxy';
import { askMysql, askPostgres, type Row } from '../support/ask';
import { startBeanstalkd } from '../support/servers/beanstalkd';
import { startMariadb } from '../support/servers/mariadb';
import { startMysql } from '../support/servers/mysql';
import { startPostgres } from '../support/servers/postgres';
import type { PrivateServer } from '../support/servers/private-server';

export const systems = ['postgres', 'mariadb', 'mysql', 'sqlite', 'beanstalkd'] as const;
export type System = (typeof systems)[number];

/** How long a driver that can say so waits for an answer to the application's own statements, in milliseconds. */
const QUERY_TIMEOUT = 5000;

/** Whoever works holds the lock of a SQLite file for less than this, in milliseconds. */
const LONGER_THAN_A_STATEMENT = 250;

/** Where the jobs of a soak are, and what can be broken about it. */
export interface Place {
  readonly url: string;
  /** Of an application that shares its DataSource with the queue; undefined where there is none. */
  readonly dataSource: DataSourceOptions | undefined;
  readonly server: PrivateServer | undefined;
  readonly proxies: readonly Proxy[];
  /** Those whose connections may be swallowed: a driver without a limit of its own would let the application wait for ever. */
  readonly swallowing: readonly Proxy[];
  /** Asks the database behind everybody's back. */
  ask(sql: string): Promise<Row[]>;
  /** Takes a SQLite file's lock; what it returns gives it back. */
  lock?(): () => void;
  /** Whether somebody holds that lock for longer than a statement takes. */
  isLocked?(): boolean;
  close(): Promise<void>;
}

export async function placeOf(system: System, folder: string): Promise<Place> {
  switch (system) {
    case 'postgres':
      return onServer(system, await startPostgres(), askPostgres);
    case 'mariadb':
      return onServer(system, await startMariadb(), askMysql);
    case 'mysql':
      return onServer(system, await startMysql(), askMysql);
    case 'beanstalkd':
      return onServer(system, await startBeanstalkd(), () => Promise.resolve([]));
    case 'sqlite':
      return inFile(join(folder, 'jobs.sqlite'));
  }
}

async function onServer(
  system: Exclude<System, 'sqlite'>,
  server: PrivateServer,
  ask: (url: string, sql: string) => Promise<Row[]>,
): Promise<Place> {
  const [queue, application] = await Promise.all([Proxy.before(server.port), Proxy.before(server.port)]);
  const dataSource = dataSourceOf(system, through(server.url, application));
  return {
    url: through(server.url, queue),
    dataSource,
    server,
    proxies: [queue, application],
    swallowing: system === 'postgres' ? [queue, application] : [queue],
    ask: (sql) => ask(server.url, sql),
    close: () => server.remove(),
  };
}

function dataSourceOf(system: Exclude<System, 'sqlite'>, url: string): DataSourceOptions | undefined {
  switch (system) {
    case 'postgres':
      return { type: 'postgres', url, extra: { query_timeout: QUERY_TIMEOUT } };
    case 'mariadb':
    case 'mysql':
      return { type: 'mysql', url, charset: 'utf8mb4' };
    case 'beanstalkd':
      return undefined;
  }
}

function through(url: string, proxy: Proxy): string {
  const parsed = new URL(url);
  parsed.port = String(proxy.port);
  return parsed.href;
}

function inFile(file: string): Place {
  const open = (timeout = 10_000) => new BetterSqlite(file, { timeout });
  return {
    url: `sqlite:${file}`,
    dataSource: { type: 'better-sqlite3', database: file },
    server: undefined,
    proxies: [],
    swallowing: [],
    ask: (sql) => {
      const database = open();
      try {
        const statement = database.prepare(sql);
        return Promise.resolve(/^select/i.test(sql) ? (statement.all() as Row[]) : (statement.run(), []));
      } finally {
        database.close();
      }
    },
    lock: () => {
      const database = open();
      database.exec('begin immediate');
      return () => {
        database.exec('rollback');
        database.close();
      };
    },
    isLocked: () => {
      const database = open(LONGER_THAN_A_STATEMENT);
      try {
        database.exec('begin immediate');
        database.exec('rollback');
        return false;
      } catch (error) {
        if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return true;
        throw error;
      } finally {
        database.close();
      }
    },
    close: () => Promise.resolve(),
  };
}
