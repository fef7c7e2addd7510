import { join } from 'node:path';
import { openBackend } from '../../lib/backends/open-backend';
import { backendConformance } from '../../lib/testing/conformance/backend-conformance';
import { temporaryFolder } from '../support/temporary-folder';

backendConformance('sqlite (better-sqlite3)', async () => {
  const folder = await temporaryFolder();
  const backend = await openBackend(`sqlite:${join(folder.path, 'jobs.sqlite')}`);
  await backend.connect();
  return { backend, close: () => backend.close().then(() => folder.remove()) };
});
