import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
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

async function placeInFile(): Promise<Place> {
  const folder = await temporaryFolder();
  const file = join(folder.path, 'app.sqlite');
  const ask = async (sql: string): Promise<Row[]> => {
    const database = new BetterSqlite3(file);
    try {
      const statement = database.prepare(sql);
      if (sql.startsWith('select')) return statement.all() as Row[];
      statement.run();
      return [];
    } finally {
      database.close();
    }
  };
  return { queue: `sqlite:${file}`, application: file, ask, remove: () => folder.remove() };
}

const kinds: Readonly<Record<string, (server?: string) => Promise<Place>>> = {
  postgres: (server) => placeOnServer(freshPostgresDatabase, askPostgres, server),
  mariadb: (server) => placeOnServer(freshMysqlDatabase, askMysql, server),
  mysql: (server) => placeOnServer(freshMysqlDatabase, askMysql, server),
  sqlite: placeInFile,
};

/** On the server of all tests, unless the URL of another one is given. */
export async function newPlace(system: string, server?: string): Promise<Place> {
  const place = await kinds[system]!(server);
  await place.ask('create table orders (id integer primary key)');
  return place;
}
