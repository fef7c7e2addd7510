import { DataSource } from 'typeorm';
import type { Change, Hold } from '../../lib/backends/sql/engine/dialect';
import { KICK } from '../../lib/backends/sql/engine/states';
import { ensureLayout } from '../../lib/backends/sql/layouts/ensure-layout';
import { MAX_MOMENT } from '../../lib/backends/sql/layouts/job-table';
import { claimStatements } from '../../lib/backends/sql/mysql/claim/mysql-claim';
import { HeldJobs } from '../../lib/backends/sql/mysql/claim/mysql-held-jobs';
import type { ScriptStatement } from '../../lib/backends/sql/mysql/connection/script-executor';
import type { MysqlDialect } from '../../lib/backends/sql/mysql/mysql';
import { promotion } from '../../lib/backends/sql/mysql/mysql-staging';
import { mysqlOf } from '../../lib/backends/sql/mysql/open-mysql';
import { type FreshDatabase, freshMysqlDatabase } from '../support/databases';

const HOUR = 3_600_000;

/*
 * What somebody else's transaction holds must not stop a worker. A small table is the trap, because scanning it looks
 * cheap; with long lists of ids MariaDB thinks of a join.
 */
describe.each([
  ['packets', true],
  ['single statements', false],
])('mysql locks, in %s', (_, multipleStatements) => {
  let database: FreshDatabase;
  let dataSource: DataSource;
  let dialect: MysqlDialect;
  let theirs: DataSource;

  beforeAll(async () => {
    database = await freshMysqlDatabase();
    const source = (extra: object) =>
      new DataSource({
        type: 'mysql',
        url: database.url,
        extra: { connectionLimit: 1, ...extra },
      }).initialize();
    dataSource = await source({ multipleStatements });
    theirs = await source({});
    ({ dialect } = mysqlOf(dataSource, {}));
    await dialect.checkServer();
    await ensureLayout(dialect, true);
    await dataSource.query('set session innodb_lock_wait_timeout = 1');
  });

  afterAll(async () => {
    await theirs.destroy();
    await dataSource.destroy();
    await database.drop();
  });

  async function insert(pipeline: string, state: string, count: number, dueIn = HOUR): Promise<void> {
    const row = `('${pipeline}', '{}', '${state}', ${state === 'ready' ? 'null' : `${dialect.now} + ${dueIn}`})`;
    await dataSource.query(
      `insert into job_queue_jobs (pipeline, payload, state, due_at) values ${Array(count).fill(row).join(', ')}`,
    );
  }

  async function claimed(count: number): Promise<Hold[]> {
    await insert('ours', 'ready', count);
    const claim = { pipeline: 'ours', limit: count, token: 'ours' };
    const answer = await dialect.exchange({ deletes: [], changes: [], claim });
    return answer.claimed.map(({ id }) => ({ id, token: 'ours' }));
  }

  function changesOf(holds: readonly Hold[]): Change[] {
    return holds.map((hold, index) => ({
      ...hold,
      pipeline: 'ours',
      state: index % 2 === 0 ? 'ready' : 'buried',
      delay: 0,
      priority: 7,
      reason: null,
      ended: 1,
      failure: null,
    }));
  }

  async function states(): Promise<Record<string, number>> {
    const rows = await dataSource.query<{ state: string; jobs: string }[]>(
      `select state, count(*) as jobs from job_queue_jobs where pipeline = 'ours' group by state`,
    );
    return Object.fromEntries(rows.map(({ state, jobs }) => [state, Number(jobs)]));
  }

  describe.each([
    ['a job of an open transaction', 1, []],
    [
      'a job of an open transaction, and jobs that it has locked',
      12,
      ['ready', 'delayed', 'reserved', 'buried'],
    ],
    ['a job of an open transaction, and more jobs than stand in one list', 1_100, []],
  ])('%s', (_what, jobs, locked) => {
    beforeEach(async () => {
      await dataSource.query('delete from job_queue_jobs');
      for (const state of locked) await insert('theirs', state, 2);
      await theirs.query('set transaction isolation level read committed');
      await theirs.query('start transaction');
      await theirs.query(`select id from job_queue_jobs where pipeline = 'theirs' for update`);
      await theirs.query(`insert into job_queue_jobs (pipeline, payload) values ('theirs', '{}')`);
    });

    afterEach(async () => {
      await theirs.query('rollback');
    });

    it('hold up no deletion and no claim', async () => {
      const deletes = await claimed(jobs);
      await insert('ours', 'ready', jobs);
      const claim = { pipeline: 'ours', limit: jobs, token: 'again' };
      const answer = await dialect.exchange({ deletes, changes: [], claim });
      expect([answer.settled.length, answer.claimed.length]).toEqual([jobs, jobs]);
    });

    it('hold up no release and no burial', async () => {
      const changes = changesOf(await claimed(jobs));
      const { settled } = await dialect.exchange({ deletes: [], changes, claim: undefined });
      expect(settled).toHaveLength(jobs);
    });

    it('hold up no renewal', async () => {
      expect(await dialect.touch(await claimed(jobs))).toHaveLength(jobs);
    });

    it('hold up no jobs that are given back', async () => {
      await dialect.giveBack(await claimed(jobs));
      expect(await states()).toEqual({ ready: jobs });
    });

    it('hold up no claims that are given back', async () => {
      await claimed(jobs);
      await dialect.giveBackClaims(['ours']);
      expect(await states()).toEqual({ ready: jobs });
    });

    it('do not hold up the time', async () => {
      await insert('theirs', 'delayed', 1, -HOUR);
      await theirs.query(
        `select id from job_queue_jobs force index (primary) where due_at < 1e12 + 0 for update`,
      );
      await insert('ours', 'delayed', jobs, 0);
      const staged = await dialect.stage({
        limit: 10_000,
        passedOver: [],
        waiting: [],
        leasesUntil: MAX_MOMENT,
      });
      expect(staged.pipelines).toContain('ours');
      expect(await states()).toEqual({ ready: jobs });
    });

    it('hold up no kick', async () => {
      await insert('ours', 'buried', jobs + 1);
      expect(await dialect.kick('ours', "state = 'buried'", jobs, KICK)).toBe(jobs);
      expect(await states()).toEqual({ ready: jobs, buried: 1 });
    });

    it('do not hold up clearing a state', async () => {
      await insert('ours', 'delayed', jobs);
      await insert('ours', 'buried', 1);
      expect(await dialect.clear('ours', "state = 'delayed'")).toBe(jobs);
      expect(await states()).toEqual({ buried: 1 });
    });
  });

  describe('of the first jobs, for a claim behind a low-water mark', () => {
    const claim = { pipeline: 'ours', limit: 10, token: 'behind' };
    const after = { priority: 0, id: '0' };
    let held: Hold[];

    beforeEach(async () => {
      await dataSource.query('delete from job_queue_jobs');
      held = await claimed(1);
      await insert('ours', 'ready', 25);
      await theirs.query('set transaction isolation level read committed');
      await theirs.query('start transaction');
      await theirs.query(
        `select id from job_queue_jobs force index (primary) where state = 'ready' order by id limit 20 for update`,
      );
    });

    afterEach(async () => {
      await theirs.query('rollback');
      await dataSource.query('delete from job_queue_jobs_pauses');
    });

    it('leave it the jobs behind them', async () => {
      const answer = await dialect.exchangeBehind({ deletes: [], changes: [], claim }, after);
      expect([answer.claimed.length, answer.more]).toEqual([5, false]);
    });

    it('do not keep back the answer of a settlement, which tells that there may be more', async () => {
      const answer = await dialect.exchangeBehind({ deletes: held, changes: [], claim }, after);
      expect(answer).toEqual({ settled: held.map(({ id }) => id), claimed: [], more: true });
    });

    it('are not looked for in a pipeline that is paused', async () => {
      await dialect.pause('ours', 60);
      const answer = await dialect.exchangeBehind({ deletes: held, changes: [], claim }, after);
      expect(answer).toEqual({ settled: held.map(({ id }) => id), claimed: [], more: false });
    });
  });

  /** What a scan locks for a moment, the claims of that moment pass over, as if there was nothing. */
  it.each([
    [1, 0],
    [1, 3],
    [12, 3],
    [12, 400],
    [1_100, 400],
  ])('are of no other rows: no plan scans, with %d jobs held beside %d', async (jobs, others) => {
    await dataSource.query('delete from job_queue_jobs');
    if (others > 0) await insert('theirs', 'ready', others);
    const holds = await claimed(jobs);
    await insert('ours', 'delayed', 1, 0);
    const held = new HeldJobs(dialect);
    await dataSource.query(held.moment.sql);
    const claim = { pipeline: 'ours', limit: jobs, token: 'again' };
    const ids = holds.map(({ id }) => id);
    const [first] = claimStatements(dialect, claim);
    const [candidates] = claimStatements(dialect, claim, ids);
    const statements = {
      lock: held.lock(holds),
      delete: held.delete(holds),
      renew: held.renew(holds),
      giveBack: held.giveBack(holds),
      change: held.change(changesOf(holds)),
      claim: first as ScriptStatement,
      claimOfFound: candidates as ScriptStatement,
      promotion: promotion(dialect, 'delayed', ids),
    };
    for (const [name, statement] of Object.entries(statements)) {
      expect([name, await scansOf(statement)]).toEqual([name, []]);
    }
  });

  /** Where its plan reads all of the jobs' table or of an index. */
  async function scansOf({ sql, parameters = [] }: ScriptStatement): Promise<unknown[]> {
    // MySQL's own format may be another one, without these columns.
    const plan = await dataSource.query<{ table: string | null; type: string; Extra: string | null }[]>(
      `explain format=traditional ${sql}`,
      [...parameters],
    );
    const jobs = plan.filter(({ table }) => table === 'j' || table === 'job_queue_jobs');
    // Or it has read the one row by its primary key, and there is nothing left to plan.
    if (!plan.some(({ Extra }) => /const table/.test(Extra ?? ''))) expect(jobs).not.toHaveLength(0);
    return jobs.filter(({ type }) => !['const', 'eq_ref', 'ref', 'range'].includes(type));
  }
});
