import { DataSource } from 'typeorm';
import { MysqlDialect } from '../../lib/backends/sql/dialects/mysql';
import { ensureSchema } from '../../lib/backends/sql/schema';
import { jobTable } from '../../lib/backends/sql/sql-system';
import { type FreshDatabase, freshMysqlDatabase } from '../support/databases';

/** What an exchange costs is counted in rows that the server reads, because time on a shared machine says nothing. */
describe('mysql exchanges stay cheap', () => {
  let database: FreshDatabase;
  let dataSource: DataSource;
  let dialect: MysqlDialect;
  let claims = 0;

  beforeEach(async () => {
    database = await freshMysqlDatabase();
    dataSource = await new DataSource({
      type: 'mysql',
      url: database.url,
      // The counters are the session's.
      extra: { multipleStatements: true, connectionLimit: 1 },
    }).initialize();
    dialect = new MysqlDialect(dataSource, jobTable('mysql', {}), {
      compression: false,
      multipleStatements: true,
    });
    await dialect.checkServer();
    await ensureSchema(dialect, true);
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
});
