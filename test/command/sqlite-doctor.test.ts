import { open } from 'node:fs/promises';
import { sqlBackend } from '../../lib/typeorm';
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
