import { join } from 'node:path';
import { sqlite3 } from '../support/clients';
import { temporaryFolder } from '../support/temporary-folder';
import { describeTaking, describeUnique, describeWire, type Wire } from './wire-cases';

const open = async (): Promise<Wire> => {
  const folder = await temporaryFolder();
  const file = join(folder.path, 'jobs.sqlite');
  return {
    backend: () => `sqlite:${file}`,
    client: (sql) => sqlite3(file, sql),
    close: () => folder.remove(),
  };
};

describeWire('SQLite', open);
describeTaking('SQLite', open);
describeUnique('SQLite', open);
