import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { betterSqlite3 } from '../../lib/backends/sql/sqlite/drivers/better-sqlite3';
import type { SqliteDriver } from '../../lib/backends/sql/sqlite/drivers/sqlite-driver';
import { askMysql, askPostgres, type Row } from '../support/ask';
import { freshMysqlDatabase, freshPostgresDatabase } from '../support/databases';
import { temporaryFolder } from '../support/temporary-folder';

/** A new database with the table `orders`, which the queue opens by a URL and the application by a library. */
export interface Place {
  readonly queue: string;
  /** As libraries take it: a URL, or a file. */
  readonly application: string;
  /** Runs a statement on a connection of its own. */
  ask(sql: string): Promise<Row[]>;
  remove(): Promise<unknown>;
}

async function placeOnServer(
  fresh: typeof freshPostgresDatabase,
  ask: (url: string, sql: string) => Promise<Row[]>,
  server?: string,
): Promise<Place> {
  const database = await fresh(server);
  const { url } = database;
  return { queue: url, application: url, ask: (sql) => ask(url, sql), remove: () => database.drop() };
}

/** By the driver of the application's library: in one process there is to be one copy of SQLite. */
async function placeInFile(driver: SqliteDriver): Promise<Place> {
  const folder = await temporaryFolder();
  const file = join(folder.path, 'app.sqlite');
  const ask = async (sql: string): Promise<Row[]> => {
    const database = await driver.open(file);
    try {
      if (sql.startsWith('select')) return await database.rows<Row>(sql, []);
      await database.run(sql, []);
      return [];
    } finally {
      await database.close();
    }
  };
  return { queue: `sqlite:${file}`, application: file, ask, remove: () => folder.remove() };
}

const kinds: Readonly<Record<string, (server?: string) => Promise<Place>>> = {
  postgres: (server) => placeOnServer(freshPostgresDatabase, askPostgres, server),
  mariadb: (server) => placeOnServer(freshMysqlDatabase, askMysql, server),
  mysql: (server) => placeOnServer(freshMysqlDatabase, askMysql, server),
  sqlite: () => placeInFile(betterSqlite3(BetterSqlite3 as never)),
};

/** On the server of all tests, unless the URL of another one is given. */
export async function newPlace(system: string, server?: string): Promise<Place> {
  return withOrders(await kinds[system]!(server));
}

export async function newFile(driver: SqliteDriver): Promise<Place> {
  return withOrders(await placeInFile(driver));
}

async function withOrders(place: Place): Promise<Place> {
  await place.ask('create table orders (id integer primary key)');
  return place;
}
