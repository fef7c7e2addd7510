import { createServer } from 'node:net';
import { DataSource } from 'typeorm';
import type { Logger } from '../../lib/core/contract/logger';
import { sqlBackend, typeOrmBackend } from '../../lib/typeorm';
import { askPostgres } from '../support/ask';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { Opened } from '../support/opened';
import { randomTable } from '../support/pipelines';
import { put } from '../support/put';
import { freePort } from '../support/servers/free-port';
import { changed, connectRefusal, refusal } from './refusal';

let database: FreshDatabase;
let password: string;
const role = randomTable();

beforeAll(async () => {
  database = await freshPostgresDatabase();
  password = new URL(database.url).password;
  await askPostgres(database.url, `create role ${role} login password 'secret-of-the-role'`);
});
afterAll(async () => {
  await askPostgres(database.url, `drop owned by ${role}; drop role ${role}`);
  await database.drop();
});

describe('PostgreSQL cannot be reached', () => {
  it('because there is no such host', async () => {
    const error = await connectRefusal(
      sqlBackend(changed(database.url, { hostname: 'nowhere.invalid' })),
      password,
    );
    expect(error.code).toBe('BACKEND_UNAVAILABLE');
    expect(error.message).toMatch(/nowhere\.invalid.*correct host and port/);
  });

  it('because nobody listens at that port', async () => {
    const port = String(await freePort());
    const error = await connectRefusal(sqlBackend(changed(database.url, { port })), password);
    expect(error.code).toBe('BACKEND_UNAVAILABLE');
    expect(error.message).toContain(port);
  });

  it('because somebody listens there who says nothing', async () => {
    const port = await freePort();
    const silent = createServer((socket) => socket.on('error', () => undefined)).listen(port, '127.0.0.1');
    const error = await connectRefusal(sqlBackend(changed(database.url, { port: String(port) })), password);
    expect(error.code).toBe('BACKEND_UNAVAILABLE');
    expect(error.message).toContain('timeout');
    silent.close();
  });
});

describe('PostgreSQL refuses', () => {
  it.each([
    {
      what: 'a wrong password',
      parts: { password: 'wrong-secret' },
      message: /password authentication failed.*Correct/,
    },
    {
      what: 'a wrong user',
      parts: { username: 'nobody' },
      message: /"nobody".*Correct user, password or database/,
    },
    { what: 'a wrong database', parts: { pathname: '/nothing' }, message: /"nothing" does not exist/ },
  ])('$what', async ({ parts, message }) => {
    const error = await connectRefusal(sqlBackend(changed(database.url, parts)), password, 'wrong-secret');
    expect(error.code).toBe('BACKEND_REFUSED');
    expect(error.message).toMatch(message);
  });

  it('to make the table without the right to', async () => {
    await askPostgres(database.url, 'revoke create on schema public from public');
    const url = changed(database.url, { username: role, password: 'secret-of-the-role' });
    const error = await connectRefusal(sqlBackend(url), 'secret-of-the-role');
    expect(error.code).toBe('BACKEND_REFUSED');
    expect(error.message).toMatch(
      /public\.job_queue_jobs could not be made \(permission denied.*Grant the right/,
    );
  });

  it('a schema that does not exist', async () => {
    const error = await connectRefusal(sqlBackend(database.url, { schema: 'nowhere' }), password);
    expect(error.code).toBe('BACKEND_REFUSED');
    expect(error.message).toContain('schema "nowhere" does not exist');
  });

  it('a job that it cannot store, and whoever prints the error does not print the payload', async () => {
    const backend = sqlBackend(database.url, { table: randomTable() });
    await backend.connect();
    const job = { payload: '"a secret"', priority: -1, delay: 0, ttr: 60 };
    const error = await refusal(backend.put('mail', [job]), 'a secret');
    expect(error.code).toBe('BACKEND_REFUSED');
    expect(error.cause).toMatchObject({ code: '23514' });
    await backend.close();
  });
});

describe('On PostgreSQL the queue refuses', () => {
  it.each([
    {
      what: 'a URL without a database',
      url: 'postgres://jobs:a-secret@127.0.0.1',
      message: 'is not complete',
    },
    {
      what: 'a port that is none',
      url: 'postgres://jobs:a-secret@127.0.0.1:port/jobs',
      message: 'is not complete',
    },
    {
      what: 'a password with a bare %',
      url: 'postgres://jobs:a-secret%@127.0.0.1/jobs',
      message: 'write it as %25',
    },
  ])('$what', async ({ url, message }) => {
    const error = await connectRefusal(sqlBackend(url), 'a-secret');
    expect(error.code).toBe('INVALID_CONFIGURATION');
    expect(error.message).toContain(message);
  });

  it.each([{ table: 'jobs; drop' }, { table: '' }, { table: '1st' }, { schema: 'my-app' }])(
    'a name that is no identifier: %p',
    async (options) => {
      const error = await connectRefusal(sqlBackend(database.url, options), password);
      expect(error.code).toBe('INVALID_CONFIGURATION');
      expect(error.message).toContain('is not an identifier');
    },
  );

  it('compression', async () => {
    const error = await connectRefusal(sqlBackend(database.url, { compression: true }));
    expect(error.code).toBe('INVALID_CONFIGURATION');
  });

  it("a table that is not the queue's, and leaves it as it is", async () => {
    const table = randomTable();
    await askPostgres(database.url, `create table ${table} as select 1 as id, 'mine' as note`);
    const error = await connectRefusal(sqlBackend(database.url, { table }));
    expect(error.code).toBe('SCHEMA_MISMATCH');
    expect(error.message).toMatch(`public.${table} exists and is not the queue's: it has no column pipeline`);
    expect(await askPostgres(database.url, `select * from ${table}`)).toEqual([{ id: 1, note: 'mine' }]);
    const beside = `select table_name from information_schema.tables where table_name like '${table}_%'`;
    expect(await askPostgres(database.url, beside)).toEqual([]);
  });

  it.each([
    {
      what: 'a newer layout',
      change: (schema: string) => `update ${schema} set version = 99`,
      found: /has layout 99, made by a newer version of the library; this one knows layouts up to \d/,
    },
    {
      what: 'a layout of no version',
      change: (schema: string) => `delete from ${schema}`,
      found: /has no known layout/,
    },
  ])('$what', async ({ change, found }) => {
    const table = randomTable();
    const backend = sqlBackend(database.url, { table });
    await backend.connect();
    await backend.close();
    await askPostgres(database.url, change(`${table}_schema`));
    const error = await connectRefusal(sqlBackend(database.url, { table }));
    expect(error.code).toBe('SCHEMA_MISMATCH');
    expect(error.message).toMatch(found);
  });

  it('a layout that it may not read, and says which right it lacks', async () => {
    const table = randomTable();
    const backend = sqlBackend(database.url, { table });
    await backend.connect();
    await backend.close();
    await askPostgres(database.url, `grant select on ${table} to ${role}`);
    const url = changed(database.url, { username: role, password: 'secret-of-the-role' });
    const error = await connectRefusal(sqlBackend(url, { table }), 'secret-of-the-role');
    expect(error.code).toBe('BACKEND_REFUSED');
    expect(error.message).toContain(
      `the layout of public.${table} cannot be read (permission denied for table ${table}_schema). Grant the right to select from`,
    );
  });

  it.each([
    {
      what: 'a partitioned table',
      make: (table: string) => `alter table ${table} rename to ${table}_old;
create table ${table} (like ${table}_old including defaults) partition by list (pipeline);
create table ${table}_rest partition of ${table} default`,
      obstacle: /cannot be used: it is partitioned.*It was not touched/,
    },
    {
      what: 'a table that others inherit from',
      make: (table: string) => `create table ${table}_child () inherits (${table})`,
      obstacle: /cannot be used: other tables inherit from it/,
    },
    {
      what: 'a view',
      make: (table: string) => `alter table ${table} rename to ${table}_old;
create view ${table} as select * from ${table}_old`,
      obstacle: /cannot be used: it is a view\. Choose another name/,
    },
  ])('$what', async ({ make, obstacle }) => {
    const table = randomTable();
    const backend = sqlBackend(database.url, { table });
    await backend.connect();
    await backend.close();
    await askPostgres(database.url, make(table));
    const error = await connectRefusal(sqlBackend(database.url, { table }));
    expect(error.code).toBe('SCHEMA_MISMATCH');
    expect(error.message).toMatch(obstacle);
  });
});

describe('Where PostgreSQL refuses the connection for LISTEN', () => {
  const opened = new Opened();
  afterAll(() => opened.close());

  it('one line says so, and jobs flow', async () => {
    const table = randomTable();
    const owner = opened.add(sqlBackend(database.url, { table }));
    await owner.connect();
    await askPostgres(
      database.url,
      `grant all on ${table}, ${table}_pauses, ${table}_schema, ${table}_schedules to ${role}; alter role ${role} connection limit 1`,
    );
    const dataSource = new DataSource({
      type: 'postgres',
      url: changed(database.url, { username: role, password: 'secret-of-the-role' }),
      poolSize: 1,
    });
    opened.add({ close: () => dataSource.destroy() });
    await dataSource.initialize();
    const warnings: string[] = [];
    const logger: Logger = { log: () => {}, warn: (line) => warnings.push(line), error: () => {} };
    const backend = opened.add(typeOrmBackend({ dataSource, table, logger }));
    await backend.connect();
    const consumer = opened.add(await backend.lease(['mail']));
    expect(warnings).toEqual([expect.stringMatching(/LISTEN does not work.*too many connections/)]);

    for (const delay of [0, 1]) {
      const { signal } = new AbortController();
      const coming = consumer.reserve(1, 10, signal);
      const [id] = await put(owner, 'mail', [{ payload: '1', priority: 0, delay, ttr: 60 }]);
      expect(await coming).toMatchObject([{ id }]);
    }
    expect(warnings).toHaveLength(1);
  });
});
