import { DataSource } from 'typeorm';
import type { ClaimOrder } from '../../lib/backends/sql/claims/claim-order';
import type { SqlDialect } from '../../lib/backends/sql/engine/dialect';
import { ensureLayout } from '../../lib/backends/sql/layouts/ensure-layout';
import { postgresOf } from '../../lib/backends/sql/postgres/open-postgres';
import { silentLogger } from '../../lib/core/contract/logger';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';

interface Plan {
  readonly 'Actual Rows': number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}

type Plans = { 'QUERY PLAN': { Plan: Plan }[] }[];

/** What an exchange costs is counted in pages that it touches, because time on a shared machine says nothing. */
describe('postgres claims and settlements stay cheap', () => {
  let database: FreshDatabase;
  let dataSource: DataSource;
  let dialect: SqlDialect;

  beforeEach(async () => {
    database = await freshPostgresDatabase();
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    ({ dialect } = postgresOf(dataSource, {}, silentLogger));
    await ensureLayout(dialect, true);
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

  interface Exchange {
    /** A query for the ids that are settled. */
    readonly ids?: string;
    readonly wanted?: number;
    readonly token?: string;
    readonly after?: ClaimOrder;
  }

  async function planOf({ ids = 'select 0', wanted = 0, token = 'token', after }: Exchange): Promise<Plan> {
    const [{ list }] = await dataSource.query<[{ list: string[] }]>(`select array(${ids})::bigint[] as list`);
    const plan = await dataSource.query<Plans>(
      `explain (analyze, buffers, format json) select * from job_queue_jobs_exchange($1, array[$2], 'mail', $3, $2, $4, $5)`,
      [list, token, wanted, after?.priority ?? -1, after?.id ?? '0'],
    );
    return plan[0]!['QUERY PLAN'][0]!.Plan;
  }

  async function exchange(asked: Exchange): Promise<number> {
    return pagesOf(await planOf(asked));
  }

  /** The pages that a claim of ten jobs touches. */
  async function pagesOfClaim(after?: ClaimOrder): Promise<number> {
    const scan = await planOf({ ids: 'select 0 where false', wanted: 10, ...(after && { after }) });
    expect(scan['Actual Rows']).toBe(10);
    return pagesOf(scan);
  }

  async function holdSnapshot(): Promise<{ release(): Promise<void> }> {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction('REPEATABLE READ');
    await runner.query('select count(*) from job_queue_jobs');
    return {
      async release() {
        await runner.rollbackTransaction();
        await runner.release();
      },
    };
  }

  /** The first claim of a session also plans, which reads the catalogue. */
  async function pagesOfWarmClaim(after?: ClaimOrder): Promise<number> {
    for (let n = 0; n < 6; n += 1) await pagesOfClaim(after);
    return pagesOfClaim(after);
  }

  /** Of ten jobs, in pages. */
  async function pagesOfSettlement(): Promise<number> {
    await exchange({ wanted: 10, token: 'held' });
    // The first settlement of a session also plans.
    await exchange({ ids: 'select 0', token: 'held' });
    const pages = await exchange({
      ids: `select id from job_queue_jobs where token = 'held'`,
      token: 'held',
    });
    expect(await dataSource.query(`select from job_queue_jobs where token = 'held'`)).toHaveLength(0);
    return pages;
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
    const other = await holdSnapshot();
    await fill(50_000);
    const gone = await dataSource.query<[{ id: string }]>('select max(id) as id from job_queue_jobs');
    await dataSource.query('delete from job_queue_jobs');
    await fill(1_000);
    const withoutMark = await pagesOfClaim();
    const withMark = await pagesOfWarmClaim({ priority: 1024, id: gone[0].id });
    await other.release();
    // The entries of the deleted jobs are still in the index.
    expect(withoutMark).toBeGreaterThan(withMark * 4);
    expect(withMark).toBeLessThan(300);
  });

  it('settling, after many other settlements, while another session holds an old snapshot', async () => {
    const other = await holdSnapshot();
    await fill(100);
    const before = await pagesOfSettlement();
    await fill(20_000);
    await exchange({ wanted: 20_000, token: 'gone' });
    await exchange({ ids: 'select id from job_queue_jobs', token: 'gone' });
    await fill(100);
    const after = await pagesOfSettlement();
    await other.release();
    // The index of due jobs has entries of all the reservations that were settled.
    expect(after).toBeLessThan(before * 2);
  });
});

function pagesOf(plan: Plan): number {
  return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
}
