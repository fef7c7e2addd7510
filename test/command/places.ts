import { join } from 'node:path';
import { askMysql, askPostgres, type Row } from '../support/ask';
import { mysqlClient, psql, sqlite3 } from '../support/clients';
import { freshMysqlDatabase, freshPostgresDatabase } from '../support/databases';
import { temporaryFolder } from '../support/temporary-folder';
import { selectedBackends } from '../support/test-servers';

/** An empty database that nobody else has, and a way into it behind the queue's back. */
export interface SqlPlace {
  readonly url: string;
  readonly ask: (sql: string) => Promise<Row[]>;
  /** Runs a script as the system's own client does. */
  readonly load: (script: string) => Promise<unknown>;
  remove(): Promise<unknown>;
}

export type SqlPlaceName = 'postgres' | 'mariadb' | 'mysql' | 'sqlite';

export const sqlPlaces: Record<SqlPlaceName, () => Promise<SqlPlace>> = {
  async postgres() {
    const database = await freshPostgresDatabase();
    const { url } = database;
    return {
      url,
      ask: (sql) => askPostgres(url, sql),
      load: (script) => psql(url, script),
      remove: () => database.drop(),
    };
  },
  mariadb: mysqlPlace,
  mysql: mysqlPlace,
  async sqlite() {
    const folder = await temporaryFolder();
    const file = join(folder.path, 'jobs.sqlite');
    return {
      url: `sqlite:${file}`,
      ask: async (sql) => JSON.parse((await sqlite3(file, `.mode json\n${sql};`)) || '[]') as Row[],
      load: (script) => sqlite3(file, script),
      remove: () => folder.remove(),
    };
  },
};

/** Those of this run. */
export function selectedSqlPlaces(): SqlPlaceName[] {
  return selectedBackends().filter((name): name is SqlPlaceName => name in sqlPlaces);
}

async function mysqlPlace(): Promise<SqlPlace> {
  const database = await freshMysqlDatabase();
  const { url } = database;
  return {
    url,
    ask: (sql) => askMysql(url, sql),
    load: (script) => mysqlClient(url, script),
    remove: () => database.drop(),
  };
}
