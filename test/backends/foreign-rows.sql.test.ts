import { BuryJob, JobQueueModule, JobQueueService } from '../../lib/index';
import { type LayoutDatabase, layoutDatabases } from '../layouts/systems';
import { application, closeApplications } from '../nest/application';
import { coded } from '../support/coded';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';

/* Any program can write into the table: none of its rows stops the others. */

const systems = selectedBackends().filter((name) => name in layoutDatabases);
const MOST = 2_147_483_647;
const MOST_64 = '9223372036854775807';

describe.each(systems)('On %s, of rows that somebody else has added', (system) => {
  let database: LayoutDatabase;
  let queue: JobQueueService;

  beforeAll(async () => {
    database = await layoutDatabases[system as keyof typeof layoutDatabases]();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    const app = await application({ imports: [JobQueueModule.forRoot({ backend: database.url })] });
    queue = app.get(JobQueueService);
  });
  afterEach(async () => {
    await database.ask('delete from job_queue_jobs where 1 = 1');
    await closeApplications();
  });

  const row = (columns: string, values: string) =>
    database.ask(
      `insert into job_queue_jobs (pipeline, payload, ${columns}) values ('mail', '1', ${values})`,
    );

  it('the greatest counters neither fail a statement nor stop their neighbours', async () => {
    await row('attempts', `${MOST}`);
    await row('timeouts, state, due_at, token', `${MOST}, 'reserved', 1, 'gone'`);
    await row('kicks, state, due_at', `${MOST}, 'buried', 1`);
    await queue.addJob('mail', 'good');
    expect(await queue.kick('mail', 1)).toBe(1);
    const handled: unknown[] = [];
    await queue.process('mail', ({ payload }) => {
      handled.push(payload);
      if (payload === 1) throw new BuryJob('a foreign one');
    });
    await until('each has ended', async () => {
      expect(await queue.stats('mail')).toMatchObject({ ready: 0, reserved: 0, buried: 3 });
      expect(handled).toContain('good');
      return true;
    });
  });

  it.each([
    ['ttr_ms', MOST_64],
    ['added_at', MOST_64],
    ['added_at', '-1'],
    ['due_at', `-${MOST_64}`],
  ])('the table refuses %s = %s', async (column, value) => {
    // By its message: the error of a native driver belongs to the realm of the test file that loaded it first.
    await expect(row(column, value)).rejects.toMatchObject({
      message: expect.stringMatching(/check|constraint/i) as unknown,
    });
  });

  it('a pipeline that nobody can name is not listed, and its job stays', async () => {
    await database.ask(`insert into job_queue_jobs (pipeline, payload) values ('two words', '1')`);
    await queue.addJob('mail', 'good');
    expect(await queue.listPipelines()).toEqual(['mail']);
    expect(await database.count('two words', 'ready')).toBe(1);
  });
});

const TRIGGERS: Partial<Record<string, readonly string[]>> = {
  postgres: [
    `create function leave_out() returns trigger language plpgsql as $$ begin if new.payload = '"bad"' then return null; end if; return new; end $$`,
    'create trigger leave_out before insert on job_queue_jobs for each row execute function leave_out()',
  ],
  sqlite: [
    `create trigger leave_out before insert on job_queue_jobs when new.payload = '"bad"' begin select raise(ignore); end`,
  ],
};

for (const system of systems) {
  const triggers = TRIGGERS[system];
  // MySQL's can only fail.
  if (!triggers) continue;
  it(`On ${system}, a trigger that leaves rows out is an error of the add, and nothing is stored`, async () => {
    const database = await layoutDatabases[system as keyof typeof layoutDatabases]();
    const app = await application({ imports: [JobQueueModule.forRoot({ backend: database.url })] });
    const queue = app.get(JobQueueService);
    for (const statement of triggers) await database.ask(statement);
    const refused = coded('BACKEND_REFUSED', {
      message: expect.stringContaining('a trigger on the table left out 1 of') as string,
    });

    await expect(queue.addJob('mail', 'bad')).rejects.toThrow(refused);
    const jobs = ['good', 'bad', 'good'].map((payload) => ({ payload }));
    await expect(queue.addJobs('mail', jobs)).rejects.toThrow(refused);
    const many = Array.from({ length: 100 }, (_, number) => ({ payload: number === 50 ? 'bad' : 'good' }));
    await expect(queue.addJobs('mail', many)).rejects.toThrow(refused);
    expect(await queue.getReadyCount('mail')).toBe(0);
    // Those that travel together with it are stored.
    const adds = await Promise.allSettled(jobs.map(({ payload }) => queue.addJob('mail', payload)));
    expect(adds.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await queue.getReadyCount('mail')).toBe(2);
    await closeApplications();
    await database.close();
  });
}
