import { join } from 'node:path';
import type { Database } from '../../lib/backends/sql/connection/database';
import { ensureSchema } from '../../lib/backends/sql/layouts/schema';
import { openSqlite } from '../../lib/backends/sql/sqlite/open-sqlite';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

const row = { pipeline: 'mail', payload: '1', priority: 0, delay: 0, ttr: 60 };

describe('sqlite signals', () => {
  let folder: TemporaryFolder;
  let one: Database;
  let other: Database;

  beforeEach(async () => {
    folder = await temporaryFolder();
    // Two connections to one file, as two processes have them.
    one = await openSqlite(join(folder.path, 'jobs.sqlite'), undefined, {});
    await ensureSchema(one.dialect, true);
    other = await openSqlite(join(folder.path, 'jobs.sqlite'), undefined, {});
  });

  afterEach(async () => {
    for (const database of [one, other]) {
      await database.signals.close();
      await database.close();
    }
    await folder.remove();
  });

  it('tell of every write of another connection', async () => {
    let hints = 0;
    await one.signals.open(() => (hints += 1));
    expect(one.signals.arriving).toBe(true);
    for (let writes = 0; writes < 10; writes += 1) {
      const before = hints;
      await other.dialect.put([row]);
      await until('the hint has come', () => hints > before);
    }
  });

  it('tell nothing of their own connection', async () => {
    let hints = 0;
    await one.signals.open(() => (hints += 1));
    const before = hints;
    for (let writes = 0; writes < 50; writes += 1) await one.dialect.put([row]);
    // The file system tells in order: whatever our own writes caused has come by then.
    await other.dialect.put([row]);
    await until('the hint of the other has come', () => hints > before);
    expect(hints).toBe(before + 1);
  });

  it('end when they are closed', async () => {
    await one.signals.open(() => undefined);
    await one.signals.close();
    expect(one.signals.arriving).toBe(false);
  });
});
