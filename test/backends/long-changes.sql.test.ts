import { sqlBackend } from '../../lib/backends/sql/open/sql-backend-of-url';
import { newJob } from '../../lib/core/policy/job-options';
import { type LayoutDatabase, layoutDatabases } from '../layouts/systems';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';

/* Kicks and clearings are about any number of jobs: neither the deadline of a statement ends them, nor do they stop the process. */

/** Two seconds for one job. */
const SLOW: Partial<Record<string, readonly string[]>> = {
  postgres: [
    `create function slowly() returns trigger language plpgsql as $$ begin
  if old.payload = '"slow"' then perform pg_sleep(2); end if; return coalesce(new, old); end $$`,
    'create trigger slowly before update or delete on job_queue_jobs for each row execute function slowly()',
  ],
  mysql: ['update', 'delete'].map(
    (event) => `create trigger slowly_${event} before ${event} on job_queue_jobs for each row
if old.payload = '"slow"' then set @slept = sleep(2); end if`,
  ),
};

describe.each(selectedBackends().filter((name) => name in layoutDatabases))('On %s', (system) => {
  let database: LayoutDatabase;

  beforeEach(async () => {
    database = await layoutDatabases[system as keyof typeof layoutDatabases]();
  });
  afterEach(() => database.close());

  async function connected(timeout: number) {
    const backend = sqlBackend(database.url, { timeout });
    await backend.connect();
    return backend;
  }

  const bury = () =>
    database.ask(`update job_queue_jobs set state = 'buried', due_at = 1 where state = 'ready'`);

  it('all of very many jobs are kicked and cleared, and timers go on meanwhile', async () => {
    const backend = await connected(10);
    const payloads = Array.from({ length: 30_000 }, (_, number) => newJob(`${number}`));
    await backend.put('mail', payloads);
    await bury();
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 1);
    expect(await backend.admin.kick('mail', 25_001)).toBe(25_001);
    const whileKicking = ticks;
    expect(await backend.admin.clear('mail', 'ready')).toBe(25_001);
    clearInterval(ticking);
    expect(whileKicking).toBeGreaterThan(2);
    expect(ticks - whileKicking).toBeGreaterThan(2);
    expect(await backend.inspect.stats('mail')).toMatchObject({ ready: 0, buried: 4_999 });
    await backend.close();
  });

  const slow = SLOW[system === 'mariadb' ? 'mysql' : system];
  if (!slow) return;
  it('a kick and a clearing may take longer than the deadline of other statements', async () => {
    const backend = await connected(1);
    await backend.put('mail', [newJob('"slow"')]);
    await bury();
    for (const statement of slow) await database.ask(statement);
    expect(await backend.admin.kick('mail', 10)).toBe(1);
    expect(await backend.admin.clear('mail', 'ready')).toBe(1);
    await until('it is gone', async () => (await backend.inspect.stats('mail')).ready === 0);
    await backend.close();
  });
});
