import { DataSource } from 'typeorm';
import { ensureLayout } from '../../lib/backends/sql/layouts/ensure-layout';
import { candidates, claimStatements } from '../../lib/backends/sql/mysql/claim/mysql-claim';
import type { ScriptStatement } from '../../lib/backends/sql/mysql/connection/script-executor';
import type { MysqlDialect } from '../../lib/backends/sql/mysql/mysql';
import { dueJobs, promotion } from '../../lib/backends/sql/mysql/mysql-staging';
import { mysqlOf } from '../../lib/backends/sql/mysql/open-mysql';
import { type FreshDatabase, freshMysqlDatabase } from '../support/databases';
import { startMysql } from '../support/servers/mysql';
import type { PrivateServer } from '../support/servers/private-server';
import { mysqlServer } from '../support/test-servers';

/** What an exchange costs is counted in rows and pages that the server reads, because time on a shared machine says nothing. */
describe('mysql exchanges stay cheap', () => {
  let database: FreshDatabase;
  let dataSource: DataSource;
  let dialect: MysqlDialect;
  let claims = 0;
  let ownServer: PrivateServer | undefined;

  beforeAll(async () => {
    if (mysqlServer() === 'mysql') ownServer = await startMysql();
  }, 60_000);
  afterAll(() => ownServer?.remove());

  beforeEach(async () => {
    database = await freshMysqlDatabase(ownServer?.url);
    dataSource = await new DataSource({
      type: 'mysql',
      url: database.url,
      // The counters are the session's.
      extra: { multipleStatements: true, connectionLimit: 1 },
    }).initialize();
    ({ dialect } = mysqlOf(dataSource, {}));
    await dialect.checkServer();
    await ensureLayout(dialect, true);
  });

  afterEach(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  async function fill(count: number, columns: Record<string, string> = {}): Promise<void> {
    const names = ['pipeline', 'payload', ...Object.keys(columns)].join(', ');
    const values = [`'mail'`, `'{}'`, ...Object.values(columns)].join(', ');
    const digits =
      '(select 0 d union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9)';
    await dataSource.query(
      `insert into job_queue_jobs (${names}) select ${values} from ${digits} a, ${digits} b, ${digits} c, ${digits} e, ${digits} f limit ${count}`,
    );
  }

  /** The rows that the server reads for a round: ten jobs deleted, ten claimed. */
  async function rowsOfExchange(): Promise<number> {
    const claim = () => ({ pipeline: 'mail', limit: 10, token: `token ${(claims += 1)}` });
    const first = claim();
    const { claimed } = await dialect.exchange({ deletes: [], changes: [], claim: first });
    await dataSource.query('flush status');
    const deletes = claimed.map(({ id }) => ({ id: String(id), token: first.token }));
    const answer = await dialect.exchange({ deletes, changes: [], claim: claim() });
    expect([answer.settled.length, answer.claimed.length]).toEqual([10, 10]);
    const counters = await dataSource.query<{ Value: string }[]>(`show session status like 'Handler_read%'`);
    return counters.reduce((sum, { Value }) => sum + Number(Value), 0);
  }

  it('with a hundred times the backlog', async () => {
    await fill(1_000);
    const small = await rowsOfExchange();
    await fill(99_000);
    expect(await rowsOfExchange()).toBeLessThan(small * 1.5);
  });

  it('beside delayed jobs of better priority, and buried ones', async () => {
    await fill(1_000);
    const alone = await rowsOfExchange();
    await fill(30_000, { state: `'delayed'`, due_at: `${dialect.now} + 3600000`, priority: '0' });
    await fill(30_000, { state: `'buried'`, due_at: dialect.now, priority: '0' });
    expect(await rowsOfExchange()).toBeLessThan(alone * 1.5);
  });

  describe('while another session holds an old snapshot', () => {
    const DONE = 10_000;
    let other: DataSource;

    beforeEach(async () => {
      other = await new DataSource({ type: 'mysql', url: database.url }).initialize();
      await other.query('start transaction with consistent snapshot');
      // It has also written, so that the server looks up the row of each entry that is not purged: then it counts pages.
      await other.query(`insert into job_queue_jobs_pauses values ('theirs', 0)`);
      await fill(DONE);
      await dataSource.query(`update job_queue_jobs set state = 'reserved', due_at = ${dialect.now} + id`);
      await dataSource.query('delete from job_queue_jobs');
      await fill(10);
    });

    afterEach(() => other.destroy());

    /** How many pages it looks into; the server carries it out. */
    async function pagesOf(statement: ScriptStatement): Promise<number> {
      if (ownServer) return pagesOfAll(statement);
      const { sql, parameters = [] } = statement;
      const [answer] = await dataSource.query<[{ ANALYZE: string }]>(`analyze format=json ${sql}`, [
        ...parameters,
      ]);
      const pages = [...answer.ANALYZE.matchAll(/"pages_accessed": (\d+)/g)];
      expect(pages).not.toHaveLength(0);
      return pages.reduce((sum, [, count]) => sum + Number(count), 0);
    }

    /** MySQL counts the pages of all sessions together: here there are no others. */
    async function pagesOfAll({ sql, parameters = [] }: ScriptStatement): Promise<number> {
      const pages = async () => {
        const [counter] = await dataSource.query<[{ Value: string }]>(
          `show global status like 'Innodb_buffer_pool_read_requests'`,
        );
        return Number(counter.Value);
      };
      const before = await pages();
      await dataSource.query(sql, [...parameters]);
      return (await pages()) - before;
    }

    it('a claim behind a low-water mark reads what it takes', async () => {
      const claim = { pipeline: 'mail', limit: 100, token: 'mine' };
      const look = candidates(dialect, claim, { priority: 1024, id: String(DONE) });
      const found = (await dataSource.query<{ id: string }[]>(look.sql, [...look.parameters])).map(
        ({ id }) => id,
      );
      expect(found).toHaveLength(10);
      const [behindMark, byIndex] = [claimStatements(dialect, claim, found), claimStatements(dialect, claim)];
      for (const statement of behindMark) expect(await pagesOf(statement)).toBeLessThan(500);
      await dataSource.query(`update job_queue_jobs set state = 'ready', due_at = null`);
      for (const statement of byIndex) expect(await pagesOf(statement)).toBeGreaterThan(DONE);
    });

    it('the look for a claim begins at the mark', async () => {
      const look = candidates(
        dialect,
        { pipeline: 'mail', limit: 100, token: '' },
        { priority: 1024, id: '1' },
      );
      const plan = await dataSource.query<object[]>(`explain format=traditional ${look.sql}`, [
        ...look.parameters,
      ]);
      // All four columns of the index, and no sort.
      expect(plan[0]).toMatchObject({ type: 'range', key: 'job_queue_jobs_ready', key_len: '215' });
      expect(plan[0]).toMatchObject({ Extra: expect.not.stringContaining('filesort') as string });
    });

    it('a promotion reads what is due', async () => {
      await dataSource.query(`update job_queue_jobs set state = 'delayed', due_at = ${dialect.now}`);
      const due = await dataSource.query<{ id: string }[]>(dueJobs(dialect, 'delayed', 100).sql);
      expect(due).toHaveLength(10);
      const ids = due.map(({ id }) => id);
      expect(await pagesOf(promotion(dialect, 'delayed', ids))).toBeLessThan(500);
    });
  });
});
