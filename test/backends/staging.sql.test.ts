import { openBackend } from '../../lib/backends/open-backend';
import type { SqlDialect } from '../../lib/backends/sql/engine/dialect';
import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { type LayoutDatabase, layoutDatabases } from '../layouts/systems';
import { selectedBackends } from '../support/test-servers';

const systems = selectedBackends().filter((name) => name in layoutDatabases);

describe.each(systems)('On %s, a look at what is due', (system) => {
  let database: LayoutDatabase;
  let backend: SqlBackend;
  let dialect: SqlDialect;

  beforeAll(async () => {
    database = await layoutDatabases[system as keyof typeof layoutDatabases]();
    backend = (await openBackend(database.url)) as SqlBackend;
    await backend.connect();
    ({ dialect } = (backend as unknown as { connection: { dialect: SqlDialect } }).connection);
  });
  afterAll(async () => {
    await backend.close();
    await database.close();
  });

  const due = (state: string) =>
    database.ask(
      `insert into job_queue_jobs (pipeline, payload, state, due_at, token) values ('${state}', '1', '${state}', 1, 'gone')`,
    );
  const states = async () => {
    const rows = await database.ask('select pipeline, state from job_queue_jobs order by pipeline');
    return rows.map(({ pipeline, state }) => `${String(pipeline)} ${String(state)}`);
  };

  it('frees leases only before the moment that it was given, and tells the server’s clock', async () => {
    await due('delayed');
    await due('reserved');
    const request = { limit: 10, passedOver: [], waiting: [] };
    const first = await dialect.stage({ ...request, leasesUntil: 0 });
    expect(first.moved).toBe(1);
    expect(await states()).toEqual(['delayed ready', 'reserved reserved']);
    expect(Math.abs(first.now - Date.now())).toBeLessThan(60_000);

    const late = await dialect.stage({ ...request, leasesUntil: Math.ceil(first.now) });
    expect(late).toMatchObject({ moved: 0, pipelines: [] });
    // Nothing to be looked for at once: that somebody's time is over is known.
    expect(late.next === undefined || late.next > 0).toBe(true);
    expect(await states()).toEqual(['delayed ready', 'reserved reserved']);

    expect(await dialect.stage({ ...request, leasesUntil: first.now + 60_000 })).toMatchObject({ moved: 1 });
    expect(await states()).toEqual(['delayed ready', 'reserved ready']);
  });

  it('renews a lease whose time is over only when that is asked for, and nobody has freed it', async () => {
    await due('reserved');
    const [row] = await database.ask(`select id from job_queue_jobs where state = 'reserved'`);
    const hold = { id: String(row!['id']), token: 'gone' };
    expect(await dialect.touch([hold])).toEqual([]);
    expect(await dialect.touch([{ ...hold, token: 'another' }], { overdue: true })).toEqual([]);
    expect(await dialect.touch([hold], { overdue: true })).toEqual([hold.id]);
    expect(await dialect.touch([hold])).toEqual([hold.id]);

    await database.ask(`update job_queue_jobs set due_at = 1 where state = 'reserved'`);
    await dialect.stage({ limit: 10, passedOver: [], waiting: [], leasesUntil: Date.now() + 3_600_000 });
    expect(await dialect.touch([hold], { overdue: true })).toEqual([]);
  });
});
