import { sqlBackend } from '../../lib/sql';
import { askPostgres } from '../support/ask';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { startPostgres } from '../support/servers/postgres';
import type { PrivateServer } from '../support/servers/private-server';
import { until } from '../support/until';
import { changed, connectRefusal } from './refusal';

/* By URL and the driver alone. The server that all tests share has no TLS: what asks for it gets no connection without. */

let database: FreshDatabase;
let password: string;

beforeAll(async () => {
  database = await freshPostgresDatabase();
  password = new URL(database.url).password;
});
afterAll(() => database.drop());

describe('a PostgreSQL URL that asks for TLS', () => {
  it.each(['ssl=true', 'sslmode=require', 'sslmode=verify-ca', 'sslmode=verify-full', 'sslmode=no-verify'])(
    'never leads to a connection without: %s',
    async (search) => {
      const error = await connectRefusal(sqlBackend(changed(database.url, { search })), password);
      expect(error.message).toMatch(/server does not support SSL connections/);
    },
  );

  it.each(['ssl-mode=REQUIRED', 'sslMode=require', 'tls=1'])(
    'is refused where nothing would heed it: %s',
    async (search) => {
      const error = await connectRefusal(sqlBackend(changed(database.url, { search })), password);
      expect(error.code).toBe('INVALID_CONFIGURATION');
    },
  );

  it('is refused with a file that cannot be read, or a mode that there is not', async () => {
    for (const search of ['sslrootcert=/nowhere/ca.pem', 'sslmode=yes']) {
      const error = await connectRefusal(sqlBackend(changed(database.url, { search })), password);
      expect(['INVALID_CONFIGURATION', 'BACKEND_REFUSED', 'BACKEND_UNAVAILABLE']).toContain(error.code);
    }
  });
});

/* The server has a certificate of its own, as one has that a company signs for itself. */
describe('a PostgreSQL URL that asks for TLS, and a server that has it', () => {
  const NAME = 'localhost';
  const OTHER = 'db.example.com';
  let server: PrivateServer;
  let data: string;

  beforeAll(async () => {
    server = await startPostgres({ certificates: [NAME, OTHER] });
    [{ data }] = (await askPostgres(server.url, `select current_setting('data_directory') as data`)) as [
      { data: string },
    ];
    await ask('alter system set ssl = on');
  }, 60_000);
  beforeEach(() => present(NAME));
  afterAll(() => server.remove());

  function ask(sql: string) {
    return askPostgres(server.url, sql);
  }

  /** New connections meet the certificate for that name. */
  async function present(name: string): Promise<void> {
    await ask(`alter system set ssl_cert_file = '${name}.crt'`);
    await ask(`alter system set ssl_key_file = '${name}.key'`);
    await ask('select pg_reload_conf()');
    await until('the server has read it', async () => {
      const [{ file } = {}] = await ask(
        `select current_setting('ssl_cert_file') as file where current_setting('ssl')::bool`,
      );
      return file === `${name}.crt`;
    });
  }

  function urlWith(search: string, authority?: string): string {
    const ca =
      authority === undefined ? '' : `&sslrootcert=${encodeURIComponent(`${data}/${authority}.crt`)}`;
    return changed(server.url, { hostname: NAME, search: search + ca });
  }

  /** Whether each of the queue's connections is encrypted, that for LISTEN too. */
  async function encrypted(url: string): Promise<boolean[]> {
    const backend = sqlBackend(url);
    await backend.connect();
    const leases = await backend.lease(['mail']);
    const rows = await ask(
      `select s.ssl from pg_stat_ssl s join pg_stat_activity a using (pid) where a.application_name like 'job-queue%'`,
    );
    await leases.close();
    await backend.close();
    expect(rows.length).toBeGreaterThan(1);
    return [...new Set(rows.map(({ ssl }) => ssl as boolean))];
  }

  it.each(['sslmode=verify-full', 'sslmode=verify-ca', 'sslmode=require'])(
    'is encrypted when the authority is known and the name is right: %s',
    async (search) => {
      expect(await encrypted(urlWith(search, NAME))).toEqual([true]);
    },
  );

  it.each(['sslmode=verify-full', 'sslmode=verify-ca', 'sslmode=require', 'ssl=true'])(
    'is refused when nobody vouches for the certificate: %s',
    async (search) => {
      const error = await connectRefusal(sqlBackend(urlWith(search)), new URL(server.url).password);
      expect(error.message).toMatch(/self-signed certificate/);
    },
  );

  it.each(['sslmode=verify-full', 'sslmode=verify-ca', 'sslmode=require'])(
    'is refused when another authority is named: %s',
    async (search) => {
      const error = await connectRefusal(sqlBackend(urlWith(search, OTHER)), new URL(server.url).password);
      expect(error.message).toMatch(/self-signed certificate|unable to verify/);
    },
  );

  it.each(['sslmode=verify-full', 'sslmode=verify-ca', 'sslmode=require'])(
    'is refused when the certificate is for another name: %s',
    async (search) => {
      await present(OTHER);
      const error = await connectRefusal(sqlBackend(urlWith(search, OTHER)), new URL(server.url).password);
      expect(error.message).toMatch(/localhost.*db\.example\.com/);
    },
  );

  it.each([
    ['sslmode=no-verify', true],
    ['uselibpqcompat=true&sslmode=require', true],
    ['sslmode=disable', false],
  ])('checks nothing only where it says so: %s', async (search, expected) => {
    expect(await encrypted(urlWith(search))).toEqual([expected]);
  });
});
