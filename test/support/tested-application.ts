import { DataSource, type EntityManager } from 'typeorm';
import type { OpenedBackend, TestedApplication } from '../../lib/testing';
import { typeOrmBackend } from '../../lib/typeorm';
import { applicationDatabases, type DataSourceOptions } from './application-databases';

/** An application beside the queue, on a DataSource of TypeORM. */
export interface ConnectedApplication extends TestedApplication {
  close(): Promise<void>;
}

/** A connection of the application's own to the database that keeps the jobs. */
export async function connectedApplication(options: DataSourceOptions): Promise<ConnectedApplication> {
  return applicationOf(await new DataSource(options).initialize());
}

export async function applicationOf(dataSource: DataSource): Promise<ConnectedApplication> {
  await dataSource.query('create table if not exists written (line varchar(250) primary key)');
  return {
    transaction: (work) => dataSource.transaction(work),
    write: (manager, line) =>
      (manager as EntityManager).query<unknown>(`insert into written (line) values ('${line}')`),
    wrote: async (line) => {
      const rows = await dataSource.query<unknown[]>(`select line from written where line = '${line}'`);
      return rows.length > 0;
    },
    close: () => dataSource.destroy(),
  };
}

/** A queue in a new database of the application's, as `typeOrmBackend` opens it. */
export async function openOnDataSource(
  name: string,
): Promise<OpenedBackend & { readonly application: TestedApplication }> {
  const database = await applicationDatabases[name]!();
  const dataSource = await new DataSource(database.options).initialize();
  const application = await applicationOf(dataSource);
  const backend = typeOrmBackend({ dataSource });
  await backend.connect();
  const close = async () => {
    await backend.close();
    await application.close();
    await database.remove();
  };
  return { backend, application, close };
}
