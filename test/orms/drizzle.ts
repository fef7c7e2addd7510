import BetterSqlite3 from 'better-sqlite3';
import { sql } from 'drizzle-orm';
import { drizzle as onBetterSqlite3 } from 'drizzle-orm/better-sqlite3';
import { drizzle as onMysql2 } from 'drizzle-orm/mysql2';
import { drizzle as onPg } from 'drizzle-orm/node-postgres';
import { drizzle as onPostgresJs } from 'drizzle-orm/postgres-js';
import { createPool } from 'mysql2/promise';
import { Pool } from 'pg';
import postgres from 'postgres';
import { begunByHand, insert, type Library, savepointByHand, type TestedLibrary, versionOf } from './library';

const version = versionOf('drizzle-orm');

export const drizzleOnPg: TestedLibrary = {
  name: 'Drizzle (node-postgres)',
  version,
  async open(url, max = 10) {
    const pool = new Pool({ connectionString: url, max });
    return libraryOf(onPg(pool), () => pool.end());
  },
};

export const drizzleOnPostgresJs: TestedLibrary = {
  name: 'Drizzle (postgres-js)',
  version,
  async open(url) {
    const client = postgres(url, { onnotice: () => undefined });
    return libraryOf(onPostgresJs(client), () => client.end());
  },
};

export const drizzleOnMysql2: TestedLibrary = {
  name: 'Drizzle (mysql2)',
  version,
  async open(uri, connectionLimit = 10) {
    const pool = createPool({ uri, connectionLimit });
    return libraryOf(onMysql2(pool), () => pool.end());
  },
};

/** Its own transactions end before anything can be awaited in them: the application begins one on the database. */
export const drizzleOnBetterSqlite3: TestedLibrary = {
  name: 'Drizzle (better-sqlite3)',
  version,
  async open(file) {
    const database = new BetterSqlite3(file);
    const db = onBetterSqlite3(database);
    const run = async (text: string): Promise<unknown> => db.run(sql.raw(text)) as unknown;
    return {
      transaction: (work) => begunByHand(run, () => work(database), 'begin immediate'),
      savepoint: (_transaction, work) => savepointByHand(run, () => work(database)),
      order: async (transaction, id): Promise<void> => {
        onBetterSqlite3(transaction as InstanceType<typeof BetterSqlite3>).run(sql.raw(insert(id)));
      },
      outside: db,
      close: async () => database.close(),
    };
  },
};

interface Database {
  transaction<T>(work: (transaction: object) => Promise<T>): Promise<T>;
  execute(statement: unknown): PromiseLike<unknown>;
}

function libraryOf(db: unknown, close: () => Promise<unknown>): Library {
  return {
    transaction: (work) => (db as Database).transaction(work),
    savepoint: (transaction, work) => (transaction as Database).transaction(work),
    order: async (transaction, id) => (transaction as Database).execute(sql.raw(insert(id))),
    outside: db as object,
    close,
  };
}
