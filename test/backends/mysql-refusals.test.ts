import { createServer } from 'node:net';
import { isMariadb } from '../../lib/backends/sql/mysql/connection/mysql-version';
import { sqlBackend } from '../../lib/typeorm';
import { askMysql } from '../support/ask';
import { type FreshDatabase, freshMysqlDatabase } from '../support/databases';
import { randomTable } from '../support/pipelines';
import { freePort } from '../support/servers/free-port';
import { changed, connectRefusal, refusal } from './refusal';

let database: FreshDatabase;
let password: string;

beforeAll(async () => {
  database = await freshMysqlDatabase();
  password = new URL(database.url).password;
});
afterAll(() => database.drop());

describe('MySQL or MariaDB cannot be reached', () => {
  it('because there is no such host', async () => {
    const url = changed(database.url, { hostname: 'nowhere.invalid' });
    const error = await connectRefusal(sqlBackend(url), password);
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
    expect(error.message).toContain('ETIMEDOUT');
    silent.close();
  });
});

describe('MySQL or MariaDB refuses', () => {
  it.each([
    { what: 'a wrong password', parts: { password: 'wrong-secret' }, message: /Access denied.*Correct user/ },
    { what: 'a wrong user', parts: { username: 'nobody' }, message: /Access denied for user 'nobody'/ },
    { what: 'a wrong database', parts: { pathname: '/nothing' }, message: /Unknown database 'nothing'/ },
  ])('$what', async ({ parts, message }) => {
    const error = await connectRefusal(sqlBackend(changed(database.url, parts)), password, 'wrong-secret');
    expect(error.code).toBe('BACKEND_REFUSED');
    expect(error.message).toMatch(message);
  });

  it('to make the table without the right to', async () => {
    const user = randomTable();
    const name = new URL(database.url).pathname.slice(1);
    await askMysql(database.url, `create user ${user} identified by 'secret-of-the-user'`);
    await askMysql(database.url, `grant select, insert, update, delete on ${name}.* to ${user}`);
    const url = changed(database.url, { username: user, password: 'secret-of-the-user' });
    const error = await connectRefusal(sqlBackend(url), 'secret-of-the-user');
    expect(error.code).toBe('BACKEND_REFUSED');
    expect(error.message).toMatch(
      /job_queue_jobs could not be made \(CREATE command denied.*Grant the right/,
    );
    await askMysql(database.url, `drop user ${user}`);
  });

  it('a job that it cannot store, and whoever prints the error does not print the payload', async () => {
    const backend = sqlBackend(database.url, { table: randomTable() });
    await backend.connect();
    const job = { payload: '"a secret"', priority: -1, delay: 0, ttr: 60 };
    const error = await refusal(backend.put('mail', [job]), 'a secret');
    expect(error.code).toBe('BACKEND_REFUSED');
    expect(error.message).toContain("Out of range value for column 'priority'");
    await backend.close();
  });
});

describe('On MySQL and MariaDB the queue refuses', () => {
  it.each([
    { what: 'a URL without a database', url: 'mysql://jobs:a-secret@127.0.0.1', message: 'is not complete' },
    { what: 'a password with a bare %', url: 'mariadb://jobs:a-secret%@127.0.0.1/jobs', message: 'as %25' },
  ])('$what', async ({ url, message }) => {
    const error = await connectRefusal(sqlBackend(url), 'a-secret');
    expect(error.code).toBe('INVALID_CONFIGURATION');
    expect(error.message).toContain(message);
  });

  it('a table name that is no identifier', async () => {
    const error = await connectRefusal(sqlBackend(database.url, { table: 'jobs`; drop' }), password);
    expect(error.code).toBe('INVALID_CONFIGURATION');
    expect(error.message).toContain('"jobs`; drop" is not an identifier');
  });

  it('a schema', async () => {
    const error = await connectRefusal(sqlBackend(database.url, { schema: 'queues' }));
    expect(error.code).toBe('INVALID_CONFIGURATION');
    expect(error.message).toContain('name one in the URL');
  });

  it("a table that is not the queue's, and leaves it as it is", async () => {
    const table = randomTable();
    await askMysql(database.url, `create table ${table} as select 1 as id, 'mine' as note`);
    const error = await connectRefusal(sqlBackend(database.url, { table }));
    expect(error.code).toBe('SCHEMA_MISMATCH');
    expect(error.message).toMatch(`${table} exists and is not the queue's: it has no column pipeline`);
    expect(await askMysql(database.url, `select * from ${table}`)).toEqual([{ id: 1, note: 'mine' }]);
    expect(await askMysql(database.url, `show tables like '${table}\\_%'`)).toEqual([]);
  });

  it('another version of the layout', async () => {
    const table = randomTable();
    const backend = sqlBackend(database.url, { table });
    await backend.connect();
    await backend.close();
    await askMysql(database.url, `update ${table}_schema set version = 99`);
    const error = await connectRefusal(sqlBackend(database.url, { table }));
    expect(error.code).toBe('SCHEMA_MISMATCH');
    expect(error.message).toContain('layout 99, made by a newer version');
  });

  it('a layout that it may not read, and says which right it lacks', async () => {
    const table = randomTable();
    const backend = sqlBackend(database.url, { table });
    await backend.connect();
    await backend.close();
    const user = randomTable().slice(0, 12);
    const name = new URL(database.url).pathname.slice(1);
    await askMysql(database.url, `create user ${user} identified by 'secret-of-the-user'`);
    await askMysql(database.url, `grant select on ${name}.${table} to ${user}`);
    const url = changed(database.url, { username: user, password: 'secret-of-the-user' });
    const error = await connectRefusal(sqlBackend(url, { table, migrate: false }), 'secret-of-the-user');
    expect(error.code).toBe('BACKEND_REFUSED');
    expect(error.message).toMatch(/the layout of .* cannot be read \(.*\)\. Grant the right to select from/);
    await askMysql(database.url, `drop user ${user}`);
  });

  it.each([
    { version: '5.7.44-log', title: 'MySQL 5.7.44-log' },
    { version: '8.0.0-dmr', title: 'MySQL 8.0.0-dmr' },
    { version: '10.5.29-MariaDB-0+deb11u1', title: 'MariaDB 10.5.29' },
    { version: '', title: 'MySQL' },
  ])('a server that is too old: $version', ({ version, title }) => {
    expect(() => isMariadb(version)).toThrow(title);
    expect(() => isMariadb(version)).toThrow('MySQL 8.0.1 or MariaDB 10.6');
  });

  it.each([
    { version: '8.0.1-dmr', mariadb: false },
    { version: '9.4.0', mariadb: false },
    { version: '10.6.0-MariaDB', mariadb: true },
    { version: '11.8.3-MariaDB-ubu2404', mariadb: true },
  ])('no server that is new enough: $version', ({ version, mariadb }) => {
    expect(isMariadb(version)).toBe(mariadb);
  });
});
