import { createConnection } from 'mysql2';
import { type MysqlClient, MysqlConnection } from '../../lib/backends/sql/mysql/connection/mysql-connection';
import { SilentThreads } from '../../lib/backends/sql/mysql/connection/silent-threads';
import { type FreshDatabase, freshMysqlDatabase } from '../support/databases';
import { mysqlUrl } from '../support/test-servers';
import { until } from '../support/until';

/* Numbers of connections begin again with the server, and each node counts for itself. */

const LONG_AGO_MS = 10_000;
const ends: (() => void)[] = [];
let database: FreshDatabase;

beforeEach(async () => {
  database = await freshMysqlDatabase();
});
afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await database.drop();
});

/** A connection that has just asked something. */
async function connected(url = database.url) {
  const client = createConnection(url);
  ends.push(() => client.destroy());
  let ended = false;
  client.once('end', () => (ended = true));
  const connection = new MysqlConnection(client as unknown as MysqlClient, 0);
  await connection.rows('select 1');
  return { connection, number: client.threadId ?? 0, ended: () => ended };
}

it('a connection that was silent since then is ended, and no other', async () => {
  const [us, silent, other] = await Promise.all([connected(), connected(), connected()]);
  const threads = new SilentThreads();
  threads.add(silent.number, performance.now());
  await threads.end(us.connection, us.number);
  await until('it is ended', silent.ended);
  expect(threads.any).toBe(false);
  expect(await other.connection.rows("select 'here' as word")).toEqual([{ word: 'here' }]);
});

it('one that has taken over the number goes on, and is forgotten', async () => {
  const [us, successor] = await Promise.all([connected(), connected()]);
  const threads = new SilentThreads();
  threads.add(successor.number, performance.now() - LONG_AGO_MS);
  await threads.end(us.connection, us.number);
  expect(threads.any).toBe(false);
  expect(await successor.connection.rows("select 'here' as word")).toEqual([{ word: 'here' }]);
});

it('one of another database goes on', async () => {
  const [us, stranger] = await Promise.all([connected(), connected(mysqlUrl())]);
  const threads = new SilentThreads();
  threads.add(stranger.number, performance.now());
  await threads.end(us.connection, us.number);
  expect(await stranger.connection.rows("select 'here' as word")).toEqual([{ word: 'here' }]);
});
