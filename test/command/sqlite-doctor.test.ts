import { open } from 'node:fs/promises';
import { sqlBackend } from '../../lib/typeorm';
import { CommandLine } from './command-line';
import { found } from './doctor';
import { type SqlPlace, sqlPlaces } from './places';

jest.setTimeout(90_000);

describe('job-queue doctor on SQLite', () => {
  let place: SqlPlace;

  beforeEach(async () => {
    place = await sqlPlaces.sqlite();
    const backend = sqlBackend(place.url);
    await backend.connect();
    await backend.close();
  });
  afterEach(() => place.remove());

  it('shows the first of very many findings, and counts the others', async () => {
    await place.load(
      `with recursive n(i) as (select 10 union all select i + 1 from n where i < 34)
insert into job_queue_jobs (pipeline, payload, state, priority, added_at) select 'mail-' || i, 'null', 'ready', 0, 0 from n`,
    );
    const command = new CommandLine(place.url);
    const { code, stdout, stderr } = await command.run(['doctor']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('25 found')]);
    const shown = stdout.split('\n').filter((line) => line.startsWith('    mail-'));
    expect(shown.map((line) => line.trim().split(':')[0])).toEqual(
      Array.from({ length: 10 }, (_, number) => `mail-${number + 10}`),
    );
    expect(stdout).toContain('    15 more of this kind; --json has them all.\n');
    const all = (await command.run(['doctor', '--json'])).stdout;
    expect(all).toContain('mail-34: 1 ready');
  });

  it('finds that the file is damaged', async () => {
    await place.load(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
insert into job_queue_jobs (pipeline, payload, state, priority, due_at) select 'mail', 'null', 'delayed', 0, 9e15 from n; pragma wal_checkpoint(truncate);`,
    );
    const handle = await open(place.url.slice('sqlite:'.length), 'r+');
    const { size } = await handle.stat();
    // In the middle of the file there are rows.
    await handle.write(Buffer.alloc(8192, 0xff), 0, 8192, Math.floor(size / 8192 / 2) * 4096);
    await handle.close();
    expect(await found(place.url)).toMatchObject({
      integrity: [expect.stringContaining('The file is damaged')],
    });
  });
});
