import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { backendConformance } from '../../lib/testing/conformance/backend-conformance';
import { typeOrmBackend } from '../../lib/typeorm';
import { temporaryFolder } from '../support/temporary-folder';

for (const [driver, type] of [
  ['better-sqlite3', 'better-sqlite3'],
  ['sqlite3', 'sqlite'],
] as const) {
  backendConformance(`sqlite (${driver}, TypeORM 0.3)`, async () => {
    const folder = await temporaryFolder();
    const dataSource = new DataSource({
      type: type as 'better-sqlite3',
      database: join(folder.path, 'jobs.sqlite'),
    });
    const backend = typeOrmBackend({ dataSource });
    await backend.connect();
    return { backend, close: () => backend.close().then(() => folder.remove()) };
  });
}
