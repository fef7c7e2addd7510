import { DataSource } from 'typeorm';
import { withNamedLock } from '../../lib/backends/sql/mysql/connection/mysql-named-lock';
import { mysqlOf } from '../../lib/backends/sql/mysql/open-mysql';
import { BackendUnavailableError } from '../../lib/core/contract/errors';
import { type FreshDatabase, freshMysqlDatabase } from '../support/databases';
import { until } from '../support/until';

const NAME = 'tables';

describe('mysql named locks', () => {
  let database: FreshDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await freshMysqlDatabase();
    dataSource = await new DataSource({ type: 'mysql', url: database.url }).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const waiting = async (): Promise<number | undefined> => {
    const [row] = await dataSource.query<[{ id?: number }?]>(
      "select id from information_schema.processlist where info like 'select get_lock(%'",
    );
    return row?.id;
  };

  /** Begins the work while somebody else has the lock; resolves when it waits. */
  async function begin(done: string[]) {
    const holder = dataSource.createQueryRunner();
    await holder.query('select get_lock(?, 0)', [NAME]);
    const { dialect } = mysqlOf(dataSource, {});
    const ended = dialect.db.session((db) => withNamedLock(db, NAME, async () => void done.push('worked')));
    ended.catch(() => undefined);
    const id = await until('it waits for the lock', waiting);
    const release = async () => {
      await holder.query('select release_lock(?)', [NAME]);
      await holder.release();
    };
    return { id, ended, release };
  }

  it('keep work waiting until they are free', async () => {
    const done: string[] = [];
    const { ended, release } = await begin(done);
    expect(done).toEqual([]);
    await release();
    await ended;
    expect(done).toEqual(['worked']);
  });

  it('that are not got let nobody work, who is told who has them', async () => {
    const done: string[] = [];
    const { id, ended, release } = await begin(done);
    await dataSource.query(`kill query ${id}`);
    await expect(ended).rejects.toThrow(BackendUnavailableError);
    await release();
    expect(done).toEqual([]);
  });
});
