import BetterSqlite3 from 'better-sqlite3';
import { createPool } from 'mysql2';
import { createPool as createPromisedPool } from 'mysql2/promise';
import { Pool } from 'pg';
import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { findNodeSqlite } from '../../lib/backends/sql/sqlite/drivers/find-driver';
import { newJob } from '../../lib/core/policy/job-options';
import { sqlBackend } from '../../lib/typeorm';
import { newPlace, type Place } from '../orms/place';
import { coded } from '../support/coded';
import { selectedBackends } from '../support/test-servers';

/** A pool or a database as an application has it. */
interface Opened {
  readonly pool: object;
  /** Asks by it. */
  ask(sql: string): Promise<unknown>;
  close(): Promise<unknown>;
}

interface NodeSqlite {
  readonly DatabaseSync: new (file: string) => { exec(sql: string): void; close(): void };
}

const onMysql: Readonly<Record<string, (url: string) => Opened>> = {
  'mysql2, with callbacks': (uri) => {
    const pool = createPool({ uri });
    return { pool, ask: (sql) => pool.promise().query(sql), close: () => pool.promise().end() };
  },
  'mysql2, with promises': (uri) => {
    const pool = createPromisedPool({ uri });
    return { pool, ask: (sql) => pool.query(sql), close: () => pool.end() };
  },
};

const kinds: Readonly<Record<string, Readonly<Record<string, (url: string) => Opened>>>> = {
  postgres: {
    pg: (connectionString) => {
      const pool = new Pool({ connectionString });
      return { pool, ask: (sql) => pool.query(sql), close: () => pool.end() };
    },
  },
  mysql: onMysql,
  mariadb: onMysql,
  sqlite: {
    'better-sqlite3': (file) => {
      const pool = new BetterSqlite3(file);
      return { pool, ask: async (sql) => pool.exec(sql), close: async () => pool.close() };
    },
    ...(findNodeSqlite() && {
      'node:sqlite': (file: string): Opened => {
        const { DatabaseSync } = process.getBuiltinModule('node:sqlite') as unknown as NodeSqlite;
        const pool = new DatabaseSync(file);
        return { pool, ask: async (sql) => pool.exec(sql), close: async () => pool.close() };
      },
    }),
  },
};

const tests = selectedBackends().flatMap((system) =>
  Object.entries(kinds[system] ?? {}).map(([driver, open]) => ({ system, driver, open })),
);

describe.each(tests)("a queue on the application's pool of $driver, on $system", ({ system, open }) => {
  let place: Place;
  let opened: Opened;
  let backend: SqlBackend;

  beforeEach(async () => {
    place = await newPlace(system);
    opened = open(place.application);
    backend = sqlBackend({ pool: opened.pool });
    await backend.connect();
  });

  afterEach(async () => {
    await backend.close();
    await opened.close();
    await place.remove();
  });

  it('runs jobs that another process has added', async () => {
    const leases = await backend.lease(['mail']);
    const waiting = leases.reserve(2, 20, new AbortController().signal);
    const other = sqlBackend(place.queue);
    await other.connect();
    const [added] = await other.put('mail', [newJob('1')]);
    const [job] = await waiting;
    expect(job).toMatchObject({ id: added?.id, payload: '1' });
    const { lost } = await leases.settle([{ job: job!, outcome: 'delete' }], 0);
    expect(lost).toEqual([]);
    await leases.close();
    await other.close();
  });

  it('adds all jobs of a call or none, many calls at once', async () => {
    const calls = Array.from({ length: 50 }, (_, n) => backend.put('mail', [newJob(`${n}`), newJob('x')]));
    await Promise.all(calls);
    expect((await backend.inspect.stats('mail')).ready).toBe(100);
  });

  it('leaves it open when it closes', async () => {
    await backend.put('mail', [newJob('1')]);
    await backend.close();
    await opened.ask('insert into orders (id) values (1)');
    expect(await place.ask('select id from orders')).toHaveLength(1);
  });
});

it.each([undefined, null, 'postgres://db', {}, { query: () => [] }])(
  'refuses what is no pool: %p',
  (pool) => {
    expect(() => sqlBackend({ pool: pool as object })).toThrow(
      coded('INVALID_CONFIGURATION', { message: expect.stringContaining('use a Pool of pg') as string }),
    );
  },
);

it('refuses a database in memory', () => {
  const database = new BetterSqlite3(':memory:');
  expect(() => sqlBackend({ pool: database })).toThrow(
    coded('INVALID_CONFIGURATION', { message: expect.stringContaining('in memory') as string }),
  );
  database.close();
});
