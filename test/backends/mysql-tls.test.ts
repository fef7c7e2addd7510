import { dirname, join } from 'node:path';
import { sqlBackend } from '../../lib/typeorm';
import { askMysql } from '../support/ask';
import { type FreshDatabase, freshMysqlDatabase } from '../support/databases';
import { startMariadb } from '../support/servers/mariadb';
import { startMysql } from '../support/servers/mysql';
import type { PrivateServer } from '../support/servers/private-server';
import { mysqlServer } from '../support/test-servers';
import { changed, connectRefusal } from './refusal';

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

function urlWith(search: string): string {
  return changed(database.url, { hostname: 'localhost', search });
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

  it.each(['127.0.0.1', '[::1]'])(
    'is refused by the address %s, for which mysql2 checks no name',
    async (hostname) => {
      for (const search of ['ssl=true', 'ssl-mode=REQUIRED', 'ssl-mode=VERIFY_IDENTITY']) {
        const error = await connectRefusal(sqlBackend(changed(database.url, { hostname, search })));
        expect(error.code).toBe('INVALID_CONFIGURATION');
        expect(error.message).toMatch(/host name that is in the certificate/);
      }
    },
  );

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

if (!isMysql) {
  describe('a URL that asks for TLS, and a MariaDB that has a certificate', () => {
    const NAME = 'localhost';
    const OTHER = 'db.example.com';
    const servers = new Map<string, PrivateServer>();

    beforeAll(async () => {
      for (const name of [NAME, OTHER]) {
        const server = await startMariadb({ certificate: name });
        servers.set(name, server);
        // Let in by an encrypted connection alone.
        await askMysql(server.url, `create user secured@'127.0.0.1' identified by 'secret-1f3a' require ssl`);
        await askMysql(server.url, `grant all on *.* to secured@'127.0.0.1'`);
      }
    }, 120_000);
    afterAll(() => Promise.all(Array.from(servers.values(), (server) => server.remove())));

    /** By the name localhost. */
    function to(name: string, search: string) {
      const user = { username: 'secured', password: 'secret-1f3a' };
      return sqlBackend(changed(servers.get(name)!.url, { ...user, hostname: NAME, search }));
    }

    async function authority(name: string): Promise<string> {
      const [{ folder } = {}] = await askMysql(servers.get(name)!.url, 'select @@datadir as folder');
      return `&ssl-ca=${join(dirname(String(folder)), `${name}.crt`)}`;
    }

    it.each([
      ['ssl=true', NAME],
      ['ssl-mode=REQUIRED', NAME],
      ['ssl-mode=VERIFY_IDENTITY', NAME],
      ['ssl-mode=VERIFY_CA', NAME],
      ['ssl-mode=VERIFY_CA', OTHER],
      [`ssl=${encodeURIComponent('{"rejectUnauthorized":false}')}`, OTHER],
    ])('leads to an encrypted connection: %s, certificate for %s', async (search, name) => {
      const backend = to(name, search + (await authority(name)));
      await backend.connect();
      await backend.close();
    });

    it('leads to an encrypted connection by an address, when it checks no name', async () => {
      const { port } = new URL(servers.get(OTHER)!.url);
      const url = `mysql://secured:secret-1f3a@127.0.0.1:${port}/mysql`;
      for (const search of [
        `ssl-mode=VERIFY_CA${await authority(OTHER)}`,
        `ssl=${encodeURIComponent('{"rejectUnauthorized":false}')}`,
      ]) {
        const backend = sqlBackend(`${url}?${search}`);
        await backend.connect();
        await backend.close();
      }
    });

    it.each(['ssl=true', 'ssl-mode=REQUIRED', 'ssl-mode=VERIFY_IDENTITY'])(
      'is refused when the certificate is for another name: %s',
      async (search) => {
        const error = await connectRefusal(to(OTHER, search + (await authority(OTHER))), 'secret-1f3a');
        expect(error.message).toMatch(/localhost.*db\.example\.com/);
      },
    );

    it('is refused when nobody vouches for the certificate, and without TLS', async () => {
      for (const search of ['ssl-mode=VERIFY_CA', `ssl-mode=VERIFY_CA${await authority(OTHER)}`]) {
        const unknown = await connectRefusal(to(NAME, search), 'secret-1f3a');
        expect(unknown.message).toMatch(/self-signed certificate|unable to verify/);
      }
      const plain = await connectRefusal(to(NAME, 'ssl-mode=DISABLED'), 'secret-1f3a');
      expect(plain.message).toMatch(/denied/i);
    });
  });
}
