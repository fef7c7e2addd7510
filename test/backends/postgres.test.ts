import { openBackend } from '../../lib/backends/open-backend';
import { backendConformance } from '../../lib/testing/conformance/backend-conformance';
import { freshPostgresDatabase } from '../support/databases';
import { connectedApplication } from '../support/tested-application';

backendConformance('postgres', async () => {
  const database = await freshPostgresDatabase();
  const backend = await openBackend(database.url);
  await backend.connect();
  const application = await connectedApplication({ type: 'postgres', url: database.url });
  const close = async () => {
    await application.close();
    await backend.close();
    await database.drop();
  };
  return { backend, application, close };
});
