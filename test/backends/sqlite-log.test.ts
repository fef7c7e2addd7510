import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { sqlBackend } from '../../lib/typeorm';
import { temporaryFolder } from '../support/temporary-folder';

const MEBIBYTE = 1024 * 1024;

it('the write-ahead log of a SQLite file is short again when a long reader has ended', async () => {
  const folder = await temporaryFolder();
  const file = join(folder.path, 'jobs.sqlite');
  const logSize = () => statSync(`${file}-wal`).size;
  const backend = sqlBackend(`sqlite:${file}`);
  await backend.connect();
  const put = (letters: number) =>
    backend.put('mail', [{ payload: `"${'x'.repeat(letters)}"`, priority: 0, delay: 0, ttr: 60 }]);
  const reader = new Database(file);
  reader.exec('begin');
  reader.prepare('select count(*) from job_queue_jobs').get();
  for (let puts = 0; puts < 20; puts += 1) await put(2 * MEBIBYTE);
  expect(logSize()).toBeGreaterThan(30 * MEBIBYTE);
  reader.exec('commit');
  reader.close();
  // The first one begins the checkpoint, the second one the log.
  for (let puts = 0; puts < 3; puts += 1) await put(1);
  expect(logSize()).toBeLessThanOrEqual(16 * MEBIBYTE);
  await backend.close();
  await folder.remove();
});
