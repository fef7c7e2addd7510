import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { backendConformance } from '../../lib/testing/conformance/backend-conformance';
import { typeOrmBackend } from '../../lib/typeorm';
import { temporaryFolder } from '../support/temporary-folder';
import { applicationOf } from '../support/tested-application';

// The sqlite3 package, which only TypeORM 0.3 knows, has test/package/sqlite3.test.ts.
backendConformance('sqlite (better-sqlite3, TypeORM 0.3)', async () => {
  const folder = await temporaryFolder();
  const dataSource = new DataSource({ type: 'better-sqlite3', database: join(folder.path, 'jobs.sqlite') });
  const application = await applicationOf(await dataSource.initialize());
  const backend = typeOrmBackend({ dataSource });
  await backend.connect();
  const close = async () => {
    await backend.close();
    await application.close();
    await folder.remove();
  };
  return { backend, application, close };
});
