import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { sqlBackend } from '../../lib/backends/sql/open/sql-backend-of-url';
import type { LeaseGrace } from '../../lib/backends/sql/ready/lease-grace';
import type { KeepRule } from '../../lib/core/contract/ports/history';
import { newJob } from '../../lib/core/policy/job-options';
import { type LayoutDatabase, layoutDatabases } from '../layouts/systems';
import { put } from '../support/put';
import { selectedBackends } from '../support/test-servers';

/** What the backend knows of outages. */
function graceOf(backend: SqlBackend): LeaseGrace {
  return (backend as unknown as { connected: { readiness: { grace: LeaseGrace } } }).connected.readiness
    .grace;
}

const systems = selectedBackends().filter((name) => name in layoutDatabases);

describe.each(systems)('Jobs that are called off on %s', (system) => {
  let database: LayoutDatabase;
  /** Of the process that works on the jobs, and of one that knows nothing of their handlers. */
  let working: SqlBackend;
  let other: SqlBackend;

  beforeAll(async () => {
    database = await layoutDatabases[system as keyof typeof layoutDatabases]();
    [working, other] = [sqlBackend(database.url), sqlBackend(database.url)];
    await working.connect();
    await other.connect();
  });
  afterAll(async () => {
    await Promise.all([working.close(), other.close()]);
    await database.close();
  });

  /** For how many seconds a job is kept that another process calls off, null for ever; and its number. */
  async function keeping(rule: KeepRule | undefined, options: Parameters<typeof newJob>[1] = {}) {
    await working.features.history.keepCancelled('orders', rule);
    const [id] = await put(other, 'orders', [newJob('1', options)]);
    expect(await other.features.cancelling.cancel(id!)).toBe(true);
    const [row] = await database.ask(
      `select keep_until - ended_at as ms, keep_most as most from job_queue_jobs_done where id = ${id}`,
    );
    const { ms, most } = row as { ms: string | number | null; most: number | null };
    return [ms === null ? null : Number(ms) / 1000, most];
  }

  it('are kept as completed ones of their pipeline', async () => {
    expect(await keeping({ for: 3600 })).toEqual([3600, null]);
    expect(await keeping({ for: Infinity, most: 7 })).toEqual([null, 7]);
    expect(await keeping({ for: 7200, most: 7 })).toEqual([7200, 7]);
  });

  it('are kept as they say themselves', async () => {
    const own = { keep: { completed: { for: '1d', count: 3 } } } as const;
    expect(await keeping({ for: 3600 }, own)).toEqual([86_400, 3]);
    expect(await keeping({ for: 3600 }, { keep: { completed: false } })).toEqual([60, null]);
  });

  it('stay for a minute where nothing is kept, and where that is kept for a shorter time', async () => {
    expect(await keeping({ for: 1 })).toEqual([60, null]);
    expect(await keeping(undefined)).toEqual([60, null]);
  });

  it('are kept where another program has written nonsense for a rule', async () => {
    await working.features.history.keepCancelled('orders', { for: 5 });
    await database.ask(`update job_queue_jobs_pipelines set keep = 'nonsense' where pipeline = 'orders'`);
    const [id] = await put(other, 'orders', [newJob('1')]);
    expect(await other.features.cancelling.cancel(id!)).toBe(true);
    expect(await other.features.history.find(id!)).toMatchObject({ state: 'cancelled' });
  });

  it('while a settlement after an outage first renews its jobs are lost to it, and stop no other', async () => {
    const pipeline = 'after-outage';
    const [first, second] = await put(working, pipeline, [newJob('1'), newJob('2')]);
    const told: string[] = [];
    const leases = await working.lease([pipeline], (jobs) => void told.push(...jobs.map(({ id }) => id)));
    const jobs = await leases.reserve(2, 5, new AbortController().signal);
    graceOf(working).failed();
    const cancelling = working.features.cancelling.cancel(first!);
    const settling = leases.settle(
      jobs.map((job) => ({ job, outcome: 'delete' })),
      0,
    );
    const [{ lost }] = await Promise.all([settling, cancelling]);
    // One of the two has its way; the other job is deleted in any case.
    expect(lost.map(({ id }) => id)).toEqual([...new Set(told)]);
    expect(told.every((id) => id === first)).toBe(true);
    expect(await working.inspect.find(first!)).toBeUndefined();
    expect(await working.inspect.find(second!)).toBeUndefined();
    await leases.close();
  });

  it('cost pipelines that keep nothing no row', async () => {
    await working.features.history.keepCancelled('none', undefined);
    expect(await database.ask(`select * from job_queue_jobs_pipelines where pipeline = 'none'`)).toEqual([]);
  });
});
