import { createConnection } from 'mysql2/promise';
import { sqlBackend } from '../../lib/typeorm';
import { askMysql } from '../support/ask';
import { type FreshDatabase, freshMysqlDatabase } from '../support/databases';
import { until } from '../support/until';
import { found, FOUND_ALONE, LEFT_ALONE, lookedAt } from './doctor';

jest.setTimeout(120_000);

const HOUR_AGO = 'unix_timestamp() * 1000 - 3600000';

describe('job-queue doctor on MySQL and MariaDB', () => {
  let database: FreshDatabase;
  const ask = (sql: string) => askMysql(database.url, sql);

  beforeEach(async () => {
    database = await freshMysqlDatabase();
    const backend = sqlBackend(database.url);
    await backend.connect();
    await backend.close();
  });
  afterEach(() => database.drop());

  it('finds nothing on a right server', async () => {
    expect(await found(database.url)).toEqual({});
    expect(await lookedAt(database.url)).toMatchObject({
      server: expect.stringMatching(/^(MySQL|MariaDB) \d+\./) as string,
      storage: expect.stringMatching(/^InnoDB/) as string,
      rights: 'this role may do what a worker does',
    });
  });

  it('finds what is wrong', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await ask(LEFT_ALONE.job('mail', HOUR_AGO));
    await ask(LEFT_ALONE.job('held', HOUR_AGO));
    await ask(LEFT_ALONE.pause('held'));
    await ask(LEFT_ALONE.schedule(HOUR_AGO));
    for (const sql of LEFT_ALONE.foreign) await ask(sql);
    const user = name.replace('test_', 'r_');
    await ask(`create user '${user}'@'%' identified by 'Secret-1'`);
    await ask(`grant select on ${name}.* to '${user}'@'%'`);
    const idle = await createConnection(database.url);
    await idle.query('start transaction');
    await idle.query('update job_queue_jobs set priority = 1');
    try {
      const wrong = await until(
        'the transaction is old',
        async () => {
          const all = await found(database.url, '--patience', '3s');
          return all['oldest transaction'] ? all : undefined;
        },
        { within: 60 },
      );
      expect(wrong).toMatchObject({
        ...FOUND_ALONE,
        'oldest transaction': [expect.stringMatching(/^The transaction of connection \d+ is open for \d+ s/)],
      });
      const limited = new URL(database.url);
      [limited.username, limited.password] = [user, 'Secret-1'];
      expect(await found(limited.href)).toMatchObject({
        rights: [expect.stringMatching(/no INSERT on .*no UPDATE on .*no DELETE on/)],
      });
    } finally {
      await idle.end();
      await ask(`drop user '${user}'@'%'`);
    }
  });
});
