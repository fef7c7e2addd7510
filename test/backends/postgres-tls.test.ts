import { sqlBackend } from '../../lib/typeorm';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { changed, connectRefusal } from './refusal';

/* The server of these tests has no TLS: what asks for it must not get a connection without. */

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
