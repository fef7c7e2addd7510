import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { SqlExecutor } from '../../lib/backends/sql/connection/executor';
import { ensureLayout } from '../../lib/backends/sql/layouts/ensure-layout';
import type { Database } from '../../lib/backends/sql/open/database';
import { findDriver } from '../../lib/backends/sql/sqlite/drivers/find-driver';
import { WalWakeUp } from '../../lib/backends/sql/sqlite/file/wal-wake-up';
import { openSqlite } from '../../lib/backends/sql/sqlite/open-sqlite';
import { silentLogger } from '../../lib/core/contract/logger';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

const row = { pipeline: 'mail', payload: '1', priority: 0, delay: 0, ttr: 60 };

/** Waits for the disk before each commit, as programs do that set nothing. */
const WRITER = `
const database = new (require('better-sqlite3'))(process.argv[1]);
database.pragma('synchronous = full');
const insert = database.prepare("insert into job_queue_jobs (pipeline, payload) values ('mail', '1')");
process.stdin.on('data', () => insert.run()).on('end', () => process.exit());
`;

describe('SQLite’s wake-up', () => {
  let file: string;
  let folder: TemporaryFolder;
  let one: Database;
  let other: Database;

  beforeEach(async () => {
    folder = await temporaryFolder();
    // Two connections to one file, as two processes have them.
    file = join(folder.path, 'jobs.sqlite');
    one = await openSqlite(file, await findDriver(), {}, silentLogger);
    await ensureLayout(one.dialect, true);
    other = await openSqlite(file, await findDriver(), {}, silentLogger);
  });

  afterEach(async () => {
    for (const database of [one, other]) {
      await database.wakeUp.close();
      await database.close();
    }
    await folder.remove();
  });

  it('comes with every write of another connection', async () => {
    let hints = 0;
    await one.wakeUp.open(() => (hints += 1));
    expect(one.wakeUp.arriving).toBe(true);
    for (let writes = 0; writes < 10; writes += 1) {
      const before = hints;
      await other.dialect.put([row]);
      await until('the hint has come', () => hints > before);
    }
  });

  it('comes with every write of a program whose commits wait for the disk', async () => {
    let hints = 0;
    await one.wakeUp.open(() => (hints += 1));
    const program = spawn(process.execPath, ['-e', WRITER, file], { stdio: ['pipe', 'inherit', 'inherit'] });
    try {
      for (let writes = 0; writes < 30; writes += 1) {
        const before = hints;
        program.stdin.write('write\n');
        await until('the hint has come', () => hints > before);
      }
    } finally {
      program.stdin.end();
      await once(program, 'exit');
    }
  });

  it('comes with a commit that comes some time after the file event', async () => {
    let version = 1;
    const looks: number[] = [];
    // As a commit whose last step is in shared memory, of which the file system tells nothing.
    const db = {
      rows: () => {
        looks.push(version);
        return Promise.resolve([{ data_version: version }]);
      },
    } as unknown as SqlExecutor;
    const wakeUp = new WalWakeUp(file, db);
    let hints = 0;
    await wakeUp.open(() => (hints += 1));
    const before = hints;
    await writeFile(`${file}-wal`, 'x');
    await until('it has looked after the event', () => looks.length > 1);
    version = 2;
    await until('the hint has come', () => hints > before);
    await wakeUp.close();
  });

  it.each([1, 7, 50, 120, 400, 900])(
    'comes within 20 ms of a commit that waits %d ms for the disk after the file event',
    async (disk) => {
      // The clock stands still but for what the test lets pass: a busy machine changes nothing.
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
      try {
        let version = 1;
        let looks = 0;
        const db = {
          rows: () => {
            looks += 1;
            return Promise.resolve([{ data_version: version }]);
          },
        } as unknown as SqlExecutor;
        const wakeUp = new WalWakeUp(file, db);
        let hints = 0;
        await wakeUp.open(() => (hints += 1));
        const [seen, before] = [looks, hints];
        await writeFile(`${file}-wal`, 'x');
        while (looks === seen) await setImmediate();
        // A file that is written anew may have several events.
        for (let quiet = 0, last = looks; quiet < 50; quiet += 1, last = looks) {
          await setImmediate();
          if (looks > last) quiet = 0;
        }
        await jest.advanceTimersByTimeAsync(disk);
        version = 2;
        await jest.advanceTimersByTimeAsync(20);
        expect(hints).toBe(before + 1);
        await wakeUp.close();
      } finally {
        jest.useRealTimers();
      }
    },
  );

  it('does not come with writes of its own connection', async () => {
    let hints = 0;
    await one.wakeUp.open(() => (hints += 1));
    const before = hints;
    for (let writes = 0; writes < 50; writes += 1) await one.dialect.put([row]);
    // The file system tells in order: whatever our own writes caused has come by then.
    await other.dialect.put([row]);
    await until('the hint of the other has come', () => hints > before);
    expect(hints).toBe(before + 1);
  });

  it('ends when it is closed', async () => {
    await one.wakeUp.open(() => undefined);
    await one.wakeUp.close();
    expect(one.wakeUp.arriving).toBe(false);
  });
});
