import { DataSource } from 'typeorm';
import type { ClaimOrder, SqlDialect } from '../../lib/backends/sql/dialect';
import { PostgresDialect } from '../../lib/backends/sql/dialects/postgres';
import { ensureSchema } from '../../lib/backends/sql/schema';
import { jobTable } from '../../lib/backends/sql/sql-system';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';

interface Plan {
  readonly 'Actual Rows': number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}

type Plans = { 'QUERY PLAN': { Plan: Plan }[] }[];

/** What a claim costs is counted in pages that it touches, because time on a shared machine says nothing. */
describe('postgres claims stay cheap', () => {
  let database: FreshDatabase;
  let dataSource: DataSource;
  let dialect: SqlDialect;

  beforeEach(async () => {
    database = await freshPostgresDatabase();
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    dialect = new PostgresDialect(dataSource, jobTable('postgres', {}));
    await ensureSchema(dialect, true);
    // The planner's worst moment: it knows the table as empty, and nothing tells it otherwise.
    await dataSource.query('alter table job_queue_jobs set (autovacuum_enabled = false)');
    await dataSource.query('analyze job_queue_jobs');
  });

  afterEach(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  function fill(count: number, columns: Record<string, string> = {}): Promise<unknown> {
    const names = ['pipeline', 'payload', ...Object.keys(columns)].join(', ');
    const values = [`'mail'`, `'{}'`, ...Object.values(columns)].join(', ');
    return dataSource.query(
      `insert into job_queue_jobs (${names}) select ${values} from generate_series(1, ${count}) n`,
    );
  }

  /** The pages that a claim of ten jobs touches. */
  async function pagesOfClaim(after: ClaimOrder = { priority: -1, id: '0' }): Promise<number> {
    const plan = await dataSource.query<Plans>(
      `explain (analyze, buffers, format json) select * from job_queue_jobs_exchange('{}', '{}', 'mail', 10, 'token', $1, $2)`,
      [after.priority, after.id],
    );
    const scan = plan[0]!['QUERY PLAN'][0]!.Plan;
    expect(scan['Actual Rows']).toBe(10);
    return scan['Shared Hit Blocks'] + scan['Shared Read Blocks'];
  }

  /** The first claim of a session also plans, which reads the catalogue. */
  async function pagesOfWarmClaim(after?: ClaimOrder): Promise<number> {
    for (let n = 0; n < 6; n += 1) await pagesOfClaim(after);
    return pagesOfClaim(after);
  }

  it('with a hundred times the backlog', async () => {
    await fill(1_000);
    const small = await pagesOfWarmClaim();
    await fill(99_000);
    const large = await pagesOfWarmClaim();
    // One more level in each index that a row of it passes through, and no more.
    expect(large).toBeLessThan(small * 2);
  });

  it('beside delayed jobs of better priority, and buried ones', async () => {
    await fill(1_000);
    const alone = await pagesOfWarmClaim();
    const due = `(extract(epoch from now()) * 1000)::bigint + 3600000 + n`;
    await fill(50_000, { state: `'delayed'`, due_at: due, priority: '0' });
    await fill(50_000, { state: `'buried'`, due_at: due, priority: '0' });
    expect(await pagesOfWarmClaim()).toBeLessThan(alone * 2);
  });

  it('among many pipelines', async () => {
    await fill(1_000);
    const alone = await pagesOfWarmClaim();
    await dataSource.query(
      `insert into job_queue_jobs (pipeline, payload) select 'pipeline' || n % 1000, '{}' from generate_series(1, 50000) n`,
    );
    expect(await pagesOfWarmClaim()).toBeLessThan(alone * 2);
  });

  it('behind a low-water mark, while another session holds an old snapshot', async () => {
    const other = dataSource.createQueryRunner();
    await other.startTransaction('REPEATABLE READ');
    await other.query('select count(*) from job_queue_jobs');
    await fill(50_000);
    const gone = await dataSource.query<[{ id: string }]>('select max(id) as id from job_queue_jobs');
    await dataSource.query('delete from job_queue_jobs');
    await fill(1_000);
    const withoutMark = await pagesOfClaim();
    const withMark = await pagesOfWarmClaim({ priority: 1024, id: gone[0].id });
    await other.rollbackTransaction();
    await other.release();
    // The entries of the deleted jobs are still in the index.
    expect(withoutMark).toBeGreaterThan(withMark * 4);
    expect(withMark).toBeLessThan(300);
  });
});
