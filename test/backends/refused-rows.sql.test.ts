import { sqlBackend } from '../../lib/backends/sql/open/sql-backend-of-url';
import { silentLogger } from '../../lib/core/contract/logger';
import { newJob } from '../../lib/core/policy/job-options';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import { type LayoutDatabase, layoutDatabases } from '../layouts/systems';
import { application, closeApplications } from '../nest/application';
import { coded } from '../support/coded';
import { Opened } from '../support/opened';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';

/* A refusal is not an outage: one row that the server does not take costs the others nothing. */

const REFUSING: Record<LayoutDatabase['system'], readonly string[]> = {
  postgres: [
    `create function refuse() returns trigger language plpgsql as $$ begin
  if old.payload = '"bad"' and old.state = 'reserved' then raise 'not this one'; end if; return new; end $$`,
    'create trigger refuse before update on job_queue_jobs for each row execute function refuse()',
  ],
  mysql: [
    `create trigger refuse before update on job_queue_jobs for each row
if old.payload = '"bad"' and old.state = 'reserved' then signal sqlstate '45000' set message_text = 'not this one'; end if`,
  ],
  sqlite: [
    `create trigger refuse before update on job_queue_jobs when old.payload = '"bad"' and old.state = 'reserved'
begin select raise(abort, 'not this one'); end`,
  ],
};

/** A kept job whose payload is 1 stays, until the second statement. */
const STAYING: Record<LayoutDatabase['system'], readonly [readonly string[], string]> = {
  postgres: [
    [
      `create function stay() returns trigger language plpgsql as $$ begin raise 'not this one'; end $$`,
      `create trigger stay before delete on job_queue_jobs_done for each row when (old.payload = '1') execute function stay()`,
    ],
    'drop trigger stay on job_queue_jobs_done',
  ],
  mysql: [
    [
      `create trigger stay before delete on job_queue_jobs_done for each row
if old.payload = '1' then signal sqlstate '45000' set message_text = 'not this one'; end if`,
    ],
    'drop trigger stay',
  ],
  sqlite: [
    [
      `create trigger stay before delete on job_queue_jobs_done when old.payload = '1' begin select raise(abort, 'not this one'); end`,
    ],
    'drop trigger stay',
  ],
};

const systems = selectedBackends().filter((name) => name in layoutDatabases);
const { signal } = new AbortController();

describe.each(systems)('On %s', (system) => {
  let database: LayoutDatabase;
  const opened = new Opened();

  beforeEach(async () => {
    database = await layoutDatabases[system as keyof typeof layoutDatabases]();
  });
  afterEach(async () => {
    await closeApplications();
    await opened.close();
    await database.close();
  });

  /** Five jobs that are held, of which the server changes one no more. */
  async function held() {
    const backend = opened.add(sqlBackend(database.url));
    await backend.connect();
    await backend.put(
      'mail',
      ['good', 'good', 'bad', 'good', 'good'].map((payload) => newJob(JSON.stringify(payload))),
    );
    const leases = await backend.lease(['mail']);
    const jobs = await leases.reserve(5, 0, signal);
    for (const statement of REFUSING[database.system]) await database.ask(statement);
    return { backend, leases, jobs, bad: jobs.find(({ payload }) => payload === '"bad"')! };
  }

  it('one job that cannot be given back holds up no other', async () => {
    const { backend, leases, jobs } = await held();
    await leases.giveBack(jobs);
    expect(await backend.inspect.stats('mail')).toMatchObject({ ready: 4, reserved: 1 });
    // What is left of it is its time, and it is not owed any more.
    await leases.close();
  });

  it('leases that close give back all others, and say what was refused', async () => {
    const { backend, leases } = await held();
    await expect(leases.close()).rejects.toThrow(coded('BACKEND_REFUSED'));
    expect(await backend.inspect.stats('mail')).toMatchObject({ ready: 4, reserved: 1 });
  });

  it('one job that cannot be renewed costs no other its lease', async () => {
    const { leases, jobs, bad } = await held();
    await database.ask(`update job_queue_jobs set due_at = due_at - 30000 where payload <> '"bad"'`);
    const before = await database.ask('select id, due_at from job_queue_jobs order by id');
    expect(await leases.renew(jobs)).toEqual([]);
    const after = await database.ask('select id, due_at from job_queue_jobs order by id');
    const renewed = after.filter(({ due_at }, index) => Number(due_at) > Number(before[index]?.['due_at']));
    expect(renewed.map(({ id }) => String(id))).toEqual(
      jobs.filter((job) => job !== bad).map(({ id }) => id),
    );
    await expect(leases.renew([bad])).rejects.toThrow(coded('BACKEND_REFUSED'));
    await leases.close().catch(() => undefined);
  });

  it('a kept job that cannot be removed is told of once, keeps no other, and goes when it can', async () => {
    const lines: string[] = [];
    const backend = sqlBackend(database.url, {}, { ...silentLogger, warn: (line) => void lines.push(line) });
    const app = await application({ imports: [JobQueueModule.forRoot({ backend })] });
    const queue = app.get(JobQueueService);
    const [statements, end] = STAYING[database.system];
    for (const statement of statements) await database.ask(statement);
    await queue.process('mail', () => 1, { keep: { completed: '1s' } });
    await queue.addJobs(
      'mail',
      [2, 1, 3, 4, 5].map((payload) => ({ payload })),
    );
    // Where looks take long, they come each ten seconds.
    await until('it says so', () => lines.length > 0, { within: 30 });
    await until('the others are gone', async () => (await kept()).join() === '1', { within: 30 });
    await database.ask(end);
    await queue.addJob('mail', 6);
    await until('all are gone', async () => (await kept()).length === 0, { within: 30 });
    expect(lines).toEqual([expect.stringMatching(/^Kept jobs .*cannot be removed, and stay.*not this one/)]);

    async function kept(): Promise<unknown[]> {
      return (await database.ask('select payload from job_queue_jobs_done')).map(({ payload }) => payload);
    }
  }, 90_000);

  it('an error of 20 MB is a reason that was cut, and its neighbours run once', async () => {
    const app = await application({ imports: [JobQueueModule.forRoot({ backend: database.url })] });
    const queue = app.get(JobQueueService);
    const payloads = Array.from({ length: 21 }, (_, payload) => payload);
    await queue.addJobs(
      'mail',
      payloads.map((payload) => ({ payload, ttr: 5 })),
    );
    const runs: unknown[] = [];
    await queue.process(
      'mail',
      ({ payload }) => {
        runs.push(payload);
        if (payload === 0) throw new Error('x'.repeat(20e6));
      },
      { concurrency: 5 },
    );
    await until('all have ended', async () => {
      const { ready, reserved, buried } = await queue.stats('mail');
      return ready + reserved === 0 && buried === 1;
    });
    expect(runs.sort((one, other) => Number(one) - Number(other))).toEqual(payloads);
    const [job] = await queue.peek('mail', 'buried');
    expect(job?.reason).toMatch(/^Error: x+…$/);
    expect(job?.reason?.length).toBeLessThanOrEqual(65_536);
  });
});
