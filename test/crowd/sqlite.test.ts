import { join } from 'node:path';
import { sqlite3 } from '../support/clients';
import { temporaryFolder } from '../support/temporary-folder';
import { describeCrowd } from './crowd-cases';

describeCrowd('SQLite', async () => {
  const folder = await temporaryFolder();
  const file = join(folder.path, 'jobs.sqlite');
  return {
    url: `sqlite:${file}`,
    tables: async () => {
      const names = await sqlite3(file, `select name from sqlite_schema where type = 'table'`);
      return names
        .trim()
        .split('\n')
        .filter((name) => !name.startsWith('sqlite_'));
    },
    close: () => folder.remove(),
  };
});
