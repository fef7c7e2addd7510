import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { freshMysqlDatabase, freshPostgresDatabase } from './databases';
import { temporaryFolder } from './temporary-folder';

export type DataSourceOptions = ConstructorParameters<typeof DataSource>[0];

/** What an application of that database gives TypeORM, and how to be rid of the database. */
export interface ApplicationDatabase {
  readonly options: DataSourceOptions;
  remove(): Promise<unknown>;
}

export const applicationDatabases: Record<string, () => Promise<ApplicationDatabase>> = {
  async sqlite() {
    const folder = await temporaryFolder();
    const database = join(folder.path, 'app.sqlite');
    return { options: { type: 'better-sqlite3', database, enableWAL: true }, remove: () => folder.remove() };
  },
  async postgres() {
    const database = await freshPostgresDatabase();
    return { options: { type: 'postgres', url: database.url }, remove: () => database.drop() };
  },
  mariadb: mysqlDatabase,
  mysql: mysqlDatabase,
};

async function mysqlDatabase(): Promise<ApplicationDatabase> {
  const database = await freshMysqlDatabase();
  return { options: { type: 'mysql', url: database.url }, remove: () => database.drop() };
}
