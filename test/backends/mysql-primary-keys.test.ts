import { NEWEST_LAYOUT } from '../../lib/backends/sql/layouts/layout';
import { MysqlHistory } from '../../lib/backends/sql/mysql/mysql-layouts';
import { mysqlTable } from '../../lib/backends/sql/mysql/open-mysql';
import { newJob } from '../../lib/core/policy/job-options';
import { sqlBackend } from '../../lib/typeorm';
import { askMysql } from '../support/ask';
import { mysqlClient } from '../support/clients';
import { type FreshDatabase, freshMysqlDatabase } from '../support/databases';
import { startMariadb } from '../support/servers/mariadb';
import { startMysql } from '../support/servers/mysql';
import type { PrivateServer } from '../support/servers/private-server';
import { mysqlServer } from '../support/test-servers';
import { printedSchema } from './schema-cases';

/* Some hosters let nobody have a table without a primary key. */

const SETTING = { mariadb: 'innodb_force_primary_key', mysql: 'sql_require_primary_key' }[mysqlServer()];

describe(`With ${SETTING} switched on`, () => {
  let server: PrivateServer;
  let database: FreshDatabase;

  beforeAll(async () => {
    server = await { mariadb: () => startMariadb(), mysql: () => startMysql() }[mysqlServer()]();
  }, 60_000);
  beforeEach(async () => {
    database = await freshMysqlDatabase(server.url);
    await demand(true);
  });
  afterEach(() => database.drop());
  afterAll(() => server.remove());

  const demand = (isOn: boolean) => askMysql(server.url, `set global ${SETTING} = ${isOn ? 1 : 0}`);

  async function works(): Promise<void> {
    const backend = sqlBackend(database.url);
    await backend.connect();
    await backend.put('mail', [newJob('1')]);
    expect(await backend.inspect.stats('mail')).toMatchObject({ ready: 1 });
    await backend.close();
    const [row] = await askMysql(database.url, 'select version from job_queue_jobs_schema');
    expect(row).toEqual({ version: NEWEST_LAYOUT });
  }

  it('a table without one is refused', async () => {
    await expect(askMysql(database.url, 'create table keyless (a int) engine = InnoDB')).rejects.toThrow();
  });

  it('the first start makes all tables', works);

  it('the printed SQL makes them, too', async () => {
    await mysqlClient(database.url, await printedSchema('mysql'));
    await works();
  });

  it('layout 1 is brought to the newest one, also that of the first releases, which lacked a key', async () => {
    await demand(false);
    const [layout1] = new MysqlHistory(mysqlTable({}), false).layouts;
    for (const statement of layout1!.up) await askMysql(database.url, statement);
    await askMysql(database.url, 'alter table job_queue_jobs_schema drop primary key');
    await demand(true);
    await works();
  });
});
