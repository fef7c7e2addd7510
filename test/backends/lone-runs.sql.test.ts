import { openBackend } from '../../lib/backends/open-backend';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { feature } from '../../lib/core/contract/features';
import type { Leased } from '../../lib/core/contract/job-data';
import type { Leases, LoneRuns } from '../../lib/core/contract/leases';
import { newJob } from '../../lib/core/policy/job-options';
import { type LayoutDatabase, layoutDatabases } from '../layouts/systems';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';

/* That a job was lost in a run that was alone in its process is the evidence that it kills processes. */

const systems = selectedBackends().filter((name) => name in layoutDatabases);
const signal = new AbortController().signal;

describe.each(systems)('On %s, the note of a run that is alone', (system) => {
  let database: LayoutDatabase;
  let backend: QueueBackend;
  let leases: Leases;
  let loneRuns: LoneRuns;

  beforeAll(async () => {
    database = await layoutDatabases[system as keyof typeof layoutDatabases]();
    backend = await openBackend(database.url);
    await backend.connect();
  });
  afterAll(async () => {
    await backend.close();
    await database.close();
  });
  beforeEach(async () => {
    leases = await backend.lease(['mail']);
    loneRuns = leases.loneRuns!;
    await backend.put('mail', [newJob('1', { ttr: 1 })]);
  });
  afterEach(async () => {
    await leases.close();
    await database.ask('delete from job_queue_jobs where 1 = 1');
  });

  const reserved = async (): Promise<Leased> => {
    const [job] = await leases.reserve(1, 10, signal);
    return job!;
  };
  /** As if time had passed; resolves when the job is reserved again. */
  const lost = async (): Promise<Leased> => {
    await database.ask(`update job_queue_jobs set due_at = 1 where state = 'reserved'`);
    return reserved();
  };
  const timeLeft = async ({ id }: Leased) => (await backend.inspect.find(id))!.delay;

  it('makes its lease last longer than a statement may take', async () => {
    const job = await reserved();
    expect(await timeLeft(job)).toBeLessThanOrEqual(1);
    expect(await loneRuns.begin(job)).toBe(true);
    expect(await timeLeft(job)).toBeGreaterThan(15);
    expect(await leases.renew([job])).toEqual([]);
    expect(await timeLeft(job)).toBeGreaterThan(15);
  });

  it('tells that the job was lost in it, also after it was given back unstarted', async () => {
    await loneRuns.begin(await reserved());
    const again = await lost();
    expect(again.timeouts).toBe(1);
    expect(await loneRuns.lost(again)).toBe(true);
    expect(await timeLeft(again)).toBeLessThanOrEqual(1);
    await leases.giveBack([again]);
    expect(await loneRuns.lost(await reserved())).toBe(true);
  });

  it('does not tell it of a job that was lost elsewhere', async () => {
    await reserved();
    const again = await lost();
    expect([again.timeouts, await loneRuns.lost(again)]).toEqual([1, false]);
  });

  it.each<[end: string, end: (job: Leased) => Promise<unknown>]>([
    ['given back', (job) => leases.giveBack([job])],
    ['released', (job) => leases.settle([{ job, outcome: 'release', delay: 0 }], 0)],
    [
      'buried and kicked',
      async (job) => {
        await leases.settle([{ job, outcome: 'bury' }], 0);
        await backend.admin.kickJob(job.id);
      },
    ],
  ])('goes when the job is %s', async (_, end) => {
    const first = await reserved();
    await loneRuns.begin(first);
    await end(first);
    expect(await loneRuns.lost(await reserved())).toBe(false);
    const again = await lost();
    expect([again.timeouts, await loneRuns.lost(again)]).toEqual([1, false]);
  });

  it('goes when the job that was lost in it is buried', async () => {
    await loneRuns.begin(await reserved());
    const again = await lost();
    await leases.settle([{ job: again, outcome: 'bury', reason: 'it kills' }], 0);
    await backend.admin.kickJob(again.id);
    expect(await loneRuns.lost(await reserved())).toBe(false);
  });

  it('goes when somebody kicks the job', async () => {
    const first = await reserved();
    await loneRuns.begin(first);
    await database.ask(`update job_queue_jobs set due_at = 1 where state = 'reserved'`);
    await feature(backend, 'editing').bury(first.id, { reason: 'by hand' });
    await backend.admin.kickJob(first.id);
    const again = await reserved();
    expect([again.timeouts, await loneRuns.lost(again)]).toEqual([1, false]);
  });

  it('is not made of a job that was lost', async () => {
    const first = await reserved();
    await database.ask(`update job_queue_jobs set due_at = 1 where state = 'reserved'`);
    expect(await loneRuns.begin(first)).toBe(false);
    await until('it is reserved again', async () => (await reserved())?.timeouts === 1);
    expect(await loneRuns.begin(first)).toBe(false);
  });
});
