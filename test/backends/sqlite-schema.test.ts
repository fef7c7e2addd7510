import { join } from 'node:path';
import { sqlite3 } from '../support/clients';
import { temporaryFolder } from '../support/temporary-folder';
import { describeSchema } from './schema-cases';

describeSchema('sqlite', async () => {
  const folder = await temporaryFolder();
  const database = join(folder.path, 'jobs.sqlite');
  return {
    url: `sqlite:${database}`,
    dataSource: { type: 'better-sqlite3', database },
    client: (sql) => sqlite3(database, sql),
    close: () => folder.remove(),
  };
});
