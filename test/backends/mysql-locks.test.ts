import { DataSource } from 'typeorm';
import type { Hold } from '../../lib/backends/sql/dialect';
import { MysqlDialect } from '../../lib/backends/sql/dialects/mysql';
import { ensureSchema } from '../../lib/backends/sql/schema';
import { jobTable } from '../../lib/backends/sql/sql-system';
import { type FreshDatabase, freshMysqlDatabase } from '../support/databases';

const JOBS = 12;

/**
 * What somebody else's transaction holds must neither stop a worker nor be held by it, not even for a moment: a claim
 * passes over locked rows and would find nothing. A small table is the trap, because scanning it looks cheap.
 */
describe('mysql statements lock the rows that they are about, and no others', () => {
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
    dataSource = await source({ multipleStatements: true });
    theirs = await source({});
    dialect = new MysqlDialect(dataSource, jobTable('mysql', {}), {
      compression: false,
      multipleStatements: true,
    });
    await dialect.checkServer();
    await ensureSchema(dialect, true);
    await dataSource.query('set session innodb_lock_wait_timeout = 1');
  });

  beforeEach(async () => {
    await dataSource.query('delete from job_queue_jobs');
    await insert('theirs', 'ready', 3);
    await insert('theirs', 'delayed', 1);
    await insert('theirs', 'reserved', 1);
    await insert('theirs', 'buried', 1);
    await theirs.query('set transaction isolation level read committed');
    await theirs.query('start transaction');
    await theirs.query(`select id from job_queue_jobs where pipeline = 'theirs' for update`);
    await theirs.query(`insert into job_queue_jobs (pipeline, payload) values ('theirs', '{}')`);
  });

  afterEach(async () => {
    await theirs.query('rollback');
  });

  afterAll(async () => {
    await theirs.destroy();
    await dataSource.destroy();
    await database.drop();
  });

  async function insert(pipeline: string, state: string, count: number, dueIn = 3_600_000): Promise<void> {
    const row = `('${pipeline}', '{}', '${state}', ${state === 'ready' ? 'null' : `${dialect.now} + ${dueIn}`})`;
    await dataSource.query(
      `insert into job_queue_jobs (pipeline, payload, state, due_at) values ${Array(count).fill(row).join(', ')}`,
    );
  }

  async function claimed(): Promise<Hold[]> {
    await insert('ours', 'ready', JOBS);
    const answer = await dialect.exchange({
      deletes: [],
      changes: [],
      claim: { pipeline: 'ours', limit: JOBS, token: 'ours' },
    });
    return answer.claimed.map(({ id }) => ({ id, token: 'ours' }));
  }

  async function states(): Promise<Record<string, number>> {
    const rows = await dataSource.query<{ state: string; jobs: string }[]>(
      `select state, count(*) as jobs from job_queue_jobs where pipeline = 'ours' group by state`,
    );
    return Object.fromEntries(rows.map(({ state, jobs }) => [state, Number(jobs)]));
  }

  it('a deletion with a claim', async () => {
    const deletes = await claimed();
    await insert('ours', 'ready', JOBS);
    const answer = await dialect.exchange({
      deletes,
      changes: [],
      claim: { pipeline: 'ours', limit: JOBS, token: 'again' },
    });
    expect([answer.settled.length, answer.claimed.length]).toEqual([JOBS, JOBS]);
  });

  it('a release and a burial', async () => {
    const holds = await claimed();
    const changes = holds.map((hold, index) => ({
      ...hold,
      state: index % 2 === 0 ? ('ready' as const) : ('buried' as const),
      delay: 0,
      priority: 7,
      reason: null,
    }));
    const { settled } = await dialect.exchange({ deletes: [], changes, claim: undefined });
    expect(settled).toHaveLength(JOBS);
    expect(await states()).toEqual({ ready: JOBS / 2, buried: JOBS / 2 });
  });

  it('a renewal', async () => {
    expect(await dialect.touch(await claimed())).toHaveLength(JOBS);
  });

  it('giving jobs back', async () => {
    await dialect.giveBack(await claimed());
    expect(await states()).toEqual({ ready: JOBS });
  });

  it('giving a claim back', async () => {
    await claimed();
    await dialect.giveBackClaims(['ours']);
    expect(await states()).toEqual({ ready: JOBS });
  });

  it('what time does', async () => {
    await insert('ours', 'delayed', JOBS, 0);
    expect((await dialect.promote(['ours'])).pipelines).toContain('ours');
    expect(await states()).toEqual({ ready: JOBS });
  });

  it('a kick', async () => {
    await insert('ours', 'buried', JOBS);
    expect(await dialect.kick('ours', 'buried', 5)).toBe(5);
    expect(await states()).toEqual({ ready: 5, buried: JOBS - 5 });
  });

  it('clearing a state', async () => {
    await insert('ours', 'delayed', JOBS);
    await insert('ours', 'buried', 1);
    expect(await dialect.clear('ours', 'delayed')).toBe(JOBS);
    expect(await states()).toEqual({ buried: 1 });
  });
});
