import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { sqlBackend } from '../../lib/typeorm';
import { sqlite3 } from '../support/clients';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { found, FOUND_ALONE, LEFT_ALONE, lookedAt } from './doctor';

jest.setTimeout(90_000);

const HOUR_AGO = `strftime('%s', 'now') * 1000 - 3600000`;

describe('job-queue doctor on SQLite', () => {
  let folder: TemporaryFolder;
  let file: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, 'jobs.sqlite');
    const backend = sqlBackend(`sqlite:${file}`);
    await backend.connect();
    await backend.close();
  });
  afterEach(() => folder.remove());

  it('finds nothing in a right file', async () => {
    expect(await found(`sqlite:${file}`)).toEqual({});
    expect(await lookedAt(`sqlite:${file}`)).toMatchObject({
      server: expect.stringMatching(/^SQLite 3\..*journal wal$/) as string,
      integrity: 'ok',
    });
  });

  it('finds what is wrong', async () => {
    const { job, pause, schedule, foreign } = LEFT_ALONE;
    const statements = [
      job('mail', HOUR_AGO),
      job('held', HOUR_AGO),
      pause('held'),
      schedule(HOUR_AGO),
      ...foreign,
    ];
    await sqlite3(file, statements.map((sql) => `${sql};`).join('\n'));
    expect(await found(`sqlite:${file}`)).toMatchObject(FOUND_ALONE);
  });

  it('finds that the file is damaged', async () => {
    await sqlite3(
      file,
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
insert into job_queue_jobs (pipeline, payload, state, priority, due_at) select 'mail', 'null', 'delayed', 0, 9e15 from n; pragma wal_checkpoint(truncate);`,
    );
    const handle = await open(file, 'r+');
    const { size } = await handle.stat();
    // In the middle of the file there are rows.
    await handle.write(Buffer.alloc(8192, 0xff), 0, 8192, Math.floor(size / 8192 / 2) * 4096);
    await handle.close();
    expect(await found(`sqlite:${file}`)).toMatchObject({
      integrity: [expect.stringContaining('The file is damaged')],
    });
  });
});
