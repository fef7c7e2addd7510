import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { written } from '../../lib/backends/sql/mysql/connection/mysql-literal';
import type { QueueBackend } from '../../lib/index';
import { sqlBackend, typeOrmBackend } from '../../lib/typeorm';
import { askMysql } from '../support/ask';
import { type FreshDatabase, freshMysqlDatabase } from '../support/databases';
import { Opened } from '../support/opened';
import { startMariadb } from '../support/servers/mariadb';
import { startMysql } from '../support/servers/mysql';
import type { PrivateServer } from '../support/servers/private-server';
import { mysqlServer } from '../support/test-servers';
import { connectRefusal } from './refusal';

let server: PrivateServer;
let database: FreshDatabase;
const opened = new Opened();

beforeAll(async () => {
  const start = { mariadb: startMariadb, mysql: startMysql }[mysqlServer()];
  server = await start({ further: ['--log-bin=binlog', '--server-id=1'] });
}, 60_000);
beforeEach(async () => (database = await freshMysqlDatabase(server.url)));
afterEach(async () => {
  await opened.close();
  await database.drop();
});
afterAll(() => server.remove());

/** A DataSource whose sessions begin with the server's settings of now. */
async function dataSourceWith(options: object = {}): Promise<DataSource> {
  const dataSource = await new DataSource({ type: 'mysql', url: database.url, ...options }).initialize();
  opened.add({ close: () => dataSource.destroy() });
  return dataSource;
}

async function withGlobal(setting: string, other: string, act: () => Promise<unknown>): Promise<void> {
  const [before] = await askMysql(server.url, `select @@global.${setting} as value`);
  await askMysql(server.url, `set global ${setting} = ${other}`);
  try {
    await act();
  } finally {
    const value = before?.value;
    await askMysql(
      server.url,
      `set global ${setting} = ${typeof value === 'number' ? value : `'${String(value)}'`}`,
    );
  }
}

const BACKENDS: [string, () => Promise<QueueBackend>][] = [
  ['by URL', () => Promise.resolve(sqlBackend(database.url))],
  ['on a DataSource', async () => typeOrmBackend({ dataSource: await dataSourceWith() })],
  [
    'on a DataSource that takes several statements',
    async () => typeOrmBackend({ dataSource: await dataSourceWith({ extra: { multipleStatements: true } }) }),
  ],
];

/** Texts that end a literal where escaping is left to a setting. */
const HOSTILE = [
  `x', 1, 1000, null, 4, null, 1); delete from precious; -- `,
  `x\\', 1, 1000, null, 4, null, 1); delete from precious; -- `,
  `\\`,
  `\\\\'`,
  `'`,
  `''`,
  `a\u0001b\\c'd`,
  `?`,
  `💥 \u0000 \r\n \u001a \\n`,
  randomBytes(300).toString('latin1'),
  Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('\\'),
];

describe.each(["''", "'NO_BACKSLASH_ESCAPES'", "'ANSI,STRICT_TRANS_TABLES'"])(
  'with sql_mode = %s',
  (mode) => {
    it.each(BACKENDS)('every text is stored as it is, and is a text, %s', async (_, open) => {
      await askMysql(database.url, 'create table precious (id int primary key)');
      await askMysql(database.url, 'insert into precious values (1), (2)');
      await withGlobal('sql_mode', mode, async () => {
        const backend = opened.add(await open());
        await backend.connect();
        const jobs = HOSTILE.map((text) => ({
          payload: JSON.stringify(text),
          priority: 1,
          delay: 0,
          ttr: 60,
        }));
        await backend.put('mail', jobs);
        for (const job of jobs)
          await backend.put('mail', [{ ...job, payload: JSON.parse(job.payload) as string }]);
        const stored = await askMysql(database.url, 'select payload from job_queue_jobs order by id');
        expect(stored.map(({ payload }) => payload)).toEqual([
          ...HOSTILE.map((text) => JSON.stringify(text)),
          ...HOSTILE,
        ]);
      });
      expect(await askMysql(database.url, 'select * from precious')).toHaveLength(2);
      await opened.close();
    });
  },
);

describe('a statement with values', () => {
  it('has no backslash in any literal', () => {
    const statement = written('values (?, ?, ?)', HOSTILE.slice(0, 3));
    expect(statement).not.toContain('\\');
  });

  it.each([undefined, {}, { id: 1 }, NaN, Infinity, true, Symbol('x'), () => 1, [], [[{}]]])(
    'takes no value that has no literal: %p',
    (value) => {
      expect(() => written('select ?', [value])).toThrow('has no place in a statement');
    },
  );

  it('takes as many values as it has places', () => {
    expect(() => written('select ?, ?', [1])).toThrow('2 places for 1 values');
  });
});

describe('settings that would change what is stored', () => {
  it('are made anew on connections of the queue’s own', async () => {
    await withGlobal('autocommit', '0', () =>
      withGlobal('completion_type', "'CHAIN'", async () => {
        const backend = opened.add(sqlBackend(database.url));
        await backend.connect();
        await backend.put('mail', [{ payload: '"é"', priority: 1, delay: 0, ttr: 60 }]);
        const [{ jobs } = {}] = await askMysql(database.url, 'select count(*) as jobs from job_queue_jobs');
        expect(jobs).toBe(1);
        await opened.close();
      }),
    );
  });

  it.each([
    { setting: 'autocommit', value: '0', message: /autocommit of MySQL or MariaDB is off/ },
    { setting: 'completion_type', value: "'CHAIN'", message: /completion_type of MySQL or MariaDB is chain/ },
  ])("are refused by name on the application's: $setting", async ({ setting, value, message }) => {
    await withGlobal(setting, value, async () => {
      const error = await connectRefusal(typeOrmBackend({ dataSource: await dataSourceWith() }));
      expect(error.code).toBe('INVALID_CONFIGURATION');
      expect(error.message).toMatch(message);
      await opened.close();
    });
  });

  it.each(['latin1', 'utf8mb3'])('are refused by name: the charset %s', async (charset) => {
    const dataSource = await dataSourceWith({ charset: charset === 'utf8mb3' ? 'UTF8_GENERAL_CI' : charset });
    const error = await connectRefusal(typeOrmBackend({ dataSource }));
    expect(error.code).toBe('INVALID_CONFIGURATION');
    expect(error.message).toMatch(
      /character_set_client of MySQL or MariaDB is (latin1|utf8).*charset: 'utf8mb4'/,
    );
  });

  it.each(BACKENDS)('are refused by name: binlog_format, %s', async (_, open) => {
    await withGlobal('binlog_format', "'STATEMENT'", async () => {
      const error = await connectRefusal(await open());
      expect(error.code).toBe('INVALID_CONFIGURATION');
      expect(error.message).toMatch(/binlog_format of MySQL or MariaDB is statement.*ROW or MIXED/);
      await opened.close();
    });
  });
});
