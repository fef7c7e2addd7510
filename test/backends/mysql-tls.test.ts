import { join } from 'node:path';
import { sqlBackend } from '../../lib/typeorm';
import { askMysql } from '../support/ask';
import { type FreshDatabase, freshMysqlDatabase } from '../support/databases';
import { startMysql } from '../support/servers/mysql';
import type { PrivateServer } from '../support/servers/private-server';
import { mysqlServer } from '../support/test-servers';
import { connectRefusal } from './refusal';

const isMysql = mysqlServer() === 'mysql';
let database: FreshDatabase;
let own: PrivateServer | undefined;

beforeAll(async () => {
  // MySQL makes itself certificates, signed by an authority of its own; MariaDB has none until 11.4.
  own = isMysql ? await startMysql() : undefined;
  database = await freshMysqlDatabase(own?.url);
}, 60_000);
afterAll(async () => {
  await database.drop();
  await own?.remove();
});

function urlWith(query: string): string {
  return `${database.url}?${query}`;
}

describe('a URL that asks for TLS', () => {
  it.each([
    'ssl=true',
    'ssl=1',
    'ssl-mode=REQUIRED',
    'ssl-mode=VERIFY_CA',
    'ssl-mode=verify_identity',
    `ssl=${encodeURIComponent('{"minVersion":"TLSv1.2"}')}`,
  ])('never leads to a connection that is not checked: %s', async (query) => {
    const error = await connectRefusal(sqlBackend(urlWith(query)), new URL(database.url).password);
    expect(error.message).toMatch(isMysql ? /self-signed certificate/ : /secure connection/);
  });

  it.each([
    'ssl-mode=PREFERRED',
    'ssl-mode=yes',
    'ssl=yes',
    'ssl=%7B',
    'sslmode=require',
    'sslMode=REQUIRED',
    'tls=1',
  ])('is refused where nothing would heed it: %s', async (query) => {
    const error = await connectRefusal(sqlBackend(urlWith(query)), new URL(database.url).password);
    expect(error.code).toBe('INVALID_CONFIGURATION');
  });

  it('is refused with a file that cannot be read', async () => {
    const error = await connectRefusal(sqlBackend(urlWith('ssl-ca=/nowhere/ca.pem')));
    expect(error.code).toBe('INVALID_CONFIGURATION');
    expect(error.message).toContain('ENOENT');
  });

  if (isMysql) {
    it.each([
      ['ssl-mode=VERIFY_CA', true],
      ['ssl=%7B%22rejectUnauthorized%22:false,%22verifyIdentity%22:false%7D', true],
      ['ssl-mode=DISABLED', false],
    ])('leads to an encrypted connection or not: %s', async (query, encrypted) => {
      const [{ folder } = {}] = await askMysql(database.url, 'select @@datadir as folder');
      const ca = encrypted ? `&ssl-ca=${join(String(folder), 'ca.pem')}` : '';
      const backend = sqlBackend(urlWith(query + ca));
      await backend.connect();
      const [{ count } = {}] = await askMysql(
        database.url,
        `select count(*) as count from performance_schema.status_by_thread s join performance_schema.threads t using (thread_id)
where variable_name = 'Ssl_cipher' and variable_value <> '' and processlist_db = database() and processlist_id <> connection_id()`,
      );
      expect(Number(count) > 0).toBe(encrypted);
      await backend.close();
    });
  }
});
