import { openBackend } from '../../lib/backends/open-backend';
import { backendConformance } from '../../lib/testing/conformance/backend-conformance';
import { freshMysqlDatabase } from '../support/databases';
import { mysqlServer } from '../support/test-servers';

backendConformance(mysqlServer(), async () => {
  const database = await freshMysqlDatabase();
  const backend = await openBackend(database.url);
  await backend.connect();
  return { backend, close: () => backend.close().then(() => database.drop()) };
});
