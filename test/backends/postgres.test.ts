import { openBackend } from '../../lib/backends/open-backend';
import { backendConformance } from '../../lib/testing/conformance/backend-conformance';
import { freshPostgresDatabase } from '../support/databases';

backendConformance('postgres', async () => {
  const database = await freshPostgresDatabase();
  const backend = await openBackend(database.url);
  await backend.connect();
  return { backend, close: () => backend.close().then(() => database.drop()) };
});
