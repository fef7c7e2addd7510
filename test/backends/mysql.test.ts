import { openBackend } from '../../lib/backends/open-backend';
import { backendConformance } from '../../lib/testing/conformance/backend-conformance';
import { freshMysqlDatabase } from '../support/databases';
import { mysqlServer } from '../support/test-servers';
import { connectedApplication } from '../support/tested-application';

backendConformance(mysqlServer(), async () => {
  const database = await freshMysqlDatabase();
  const backend = await openBackend(database.url);
  await backend.connect();
  const application = await connectedApplication({ type: 'mysql', url: database.url });
  const close = async () => {
    await application.close();
    await backend.close();
    await database.drop();
  };
  return { backend, application, close };
});
