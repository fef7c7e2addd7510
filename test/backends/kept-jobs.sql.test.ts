import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { sqlBackend } from '../../lib/backends/sql/open/sql-backend-of-url';
import type { Leased } from '../../lib/core/contract/job-data';
import type { Leases, Settlement } from '../../lib/core/contract/leases';
import type { EndedJob, Keep } from '../../lib/core/contract/ports/history';
import { newJob } from '../../lib/core/policy/job-options';
import { type LayoutDatabase, layoutDatabases } from '../layouts/systems';
import { coded } from '../support/coded';
import { put } from '../support/put';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';

const systems = selectedBackends().filter((name) => name in layoutDatabases);

describe.each(systems)('Jobs that are kept on %s', (system) => {
  let database: LayoutDatabase;
  let backend: SqlBackend;
  let leases: Leases;

  beforeAll(async () => {
    database = await layoutDatabases[system as keyof typeof layoutDatabases]();
    backend = sqlBackend(database.url);
    await backend.connect();
    leases = await backend.lease(['orders']);
  });
  afterAll(async () => {
    await leases.close();
    await backend.close();
    await database.close();
  });

  async function reserved(count: number): Promise<Leased[]> {
    await put(
      backend,
      'orders',
      Array.from({ length: count }, (_, number) => newJob(String(number))),
    );
    return leases.reserve(count, 0, new AbortController().signal);
  }

  const end = (job: Leased, keep: Partial<Keep>): Settlement => ({
    job,
    outcome: 'delete',
    keep: { for: Infinity, ...keep },
  });
  const found = (job: Leased): Promise<EndedJob | undefined> => backend.features.history.find(job.id);

  it('keep what is their own, though they end together', async () => {
    const jobs = await reserved(6);
    const keeps: Partial<Keep>[] = [
      { result: '1', ran: 1, worker: 'a:1' },
      { result: '"2 {\\"?\\":\'"', ran: 20, worker: 'a:1' },
      { worker: 'a:1' },
      { error: 'its result is too long', ran: 3, worker: 'b:2' },
      { error: 'another', for: 3600, most: 7, worker: 'b:2' },
      { result: 'null', ran: 0.004, for: 3600 },
    ];
    const ends = jobs.map((job, index) => end(job, keeps[index]!));
    expect(await leases.settle(ends, 0)).toEqual({ lost: [], next: [] });
    for (const [index, job] of jobs.entries()) {
      const { result, error, worker, startedAt, endedAt } = (await found(job))!;
      const ran = startedAt && (endedAt.getTime() - startedAt.getTime()) / 1000;
      const { result: kept, error: why, worker: by, ran: time } = keeps[index]!;
      expect({ result, error, worker, ran }).toEqual({ result: kept, error: why, worker: by, ran: time });
    }
    const rows = await database.ask(
      'select keep_until - ended_at as ms, keep_most as most from job_queue_jobs_done order by id',
    );
    expect(rows.map(({ ms, most }) => [ms === null ? null : Number(ms), most])).toEqual([
      [null, null],
      [null, null],
      [null, null],
      [null, null],
      [3_600_000, 7],
      [3_600_000, null],
    ]);
  });

  it('are kept beside one that is lost', async () => {
    const [first, lost, last] = (await reserved(3)) as [Leased, Leased, Leased];
    await database.ask(`update job_queue_jobs set token = 'another' where id = ${lost.id}`);
    const ends = [first, lost, last].map((job) => end(job, { result: job.payload }));
    expect((await leases.settle(ends, 0)).lost).toEqual([lost]);
    expect(await found(first)).toMatchObject({ result: '0' });
    expect(await found(lost)).toBeUndefined();
    expect(await found(last)).toMatchObject({ result: '2' });
    expect(await backend.inspect.find(lost.id)).toMatchObject({ state: 'reserved' });
  });

  it('go when their time is over, those that are kept for longer, too', async () => {
    const [short, long] = (await reserved(2)) as [Leased, Leased];
    await leases.settle([end(short, { for: 1 }), end(long, { for: 3 })], 0);
    const gone = async () => !(await found(short)) && !(await found(long));
    await until('both are gone', gone, { within: 30 });
  });

  it('have no page behind a job that cannot be', async () => {
    const after = { id: 'abc', endedAt: new Date() };
    await expect(backend.features.history.list('orders', { after, limit: 1 })).rejects.toThrow(
      coded('INVALID_JOB_OPTION'),
    );
  });

  it('take the place of a row of the same id, which is of an earlier life of the table', async () => {
    const [job, other] = (await reserved(2)) as [Leased, Leased];
    for (const { id } of [job, other]) {
      await database.ask(
        `insert into job_queue_jobs_done (id, pipeline, outcome, payload, ended_at) values (${id}, 'old', 'cancelled', '1', 1000)`,
      );
    }
    expect(await leases.settle([end(job, { result: '"new"' })], 0)).toEqual({ lost: [], next: [] });
    expect(await found(job)).toMatchObject({ pipeline: 'orders', state: 'completed', result: '"new"' });
    // Its job is not lost.
    expect(await found(other)).toMatchObject({ pipeline: 'old' });
    expect(await leases.settle([end(other, {})], 0)).toEqual({ lost: [], next: [] });
  });
});
