import { join } from 'node:path';
import { sqlite3 } from '../support/clients';
import { temporaryFolder } from '../support/temporary-folder';
import { describeWire } from './wire-cases';

describeWire('SQLite', async () => {
  const folder = await temporaryFolder();
  const file = join(folder.path, 'jobs.sqlite');
  return {
    backend: () => `sqlite:${file}`,
    client: (sql) => sqlite3(file, sql),
    close: () => folder.remove(),
  };
});
