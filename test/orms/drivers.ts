import BetterSqlite3 from 'better-sqlite3';
import { createConnection } from 'mysql2';
import { createConnection as createPromised } from 'mysql2/promise';
import { Client, Pool } from 'pg';
import postgres from 'postgres';
import { begunByHand, insert, type Run, savepointByHand, type TestedLibrary, versionOf } from './library';

/* Drivers without a library above them: the application begins its transactions itself. */

export const pg: TestedLibrary = {
  name: 'pg',
  version: versionOf('pg'),
  async open(url) {
    const client = new Client({ connectionString: url });
    await client.connect();
    const pool = new Pool({ connectionString: url });
    return {
      ...onOneConnection(client, (it) => (sql) => it.query(sql)),
      outside: pool,
      close: () => Promise.all([client.end(), pool.end()]),
    };
  },
};

export const postgresJs: TestedLibrary = {
  name: 'postgres.js',
  version: versionOf('postgres'),
  async open(url) {
    const sql = postgres(url, { onnotice: () => undefined });
    type Transaction = postgres.TransactionSql;
    return {
      transaction: (work) => sql.begin((transaction) => work(transaction)) as Promise<never>,
      savepoint: (transaction, work) => (transaction as Transaction).savepoint((inner) => work(inner)),
      order: async (transaction, id) => (transaction as Transaction)`insert into orders (id) values (${id})`,
      outside: sql,
      close: () => sql.end(),
    };
  },
};

export const mysql2: TestedLibrary = {
  name: 'mysql2',
  version: versionOf('mysql2'),
  async open(url) {
    const connection = createConnection(url);
    const other = createConnection(url);
    return {
      ...onOneConnection(connection, (it) => (sql) => it.promise().query(sql)),
      outside: other,
      close: () => Promise.all([connection.promise().end(), other.promise().end()]),
    };
  },
};

export const mysql2Promise: TestedLibrary = {
  name: 'mysql2/promise',
  version: versionOf('mysql2'),
  async open(url) {
    const connection = await createPromised(url);
    const other = await createPromised(url);
    return {
      ...onOneConnection(connection, (it) => (sql) => it.query(sql)),
      outside: other,
      close: () => Promise.all([connection.end(), other.end()]),
    };
  },
};

export const betterSqlite3: TestedLibrary = {
  name: 'better-sqlite3',
  version: versionOf('better-sqlite3'),
  async open(file) {
    const database = new BetterSqlite3(file);
    const other = new BetterSqlite3(file);
    return {
      ...onOneConnection(database, (it) => async (sql) => it.exec(sql)),
      outside: other,
      close: async () => [database.close(), other.close()],
    };
  },
};

function onOneConnection<Connection extends object>(
  connection: Connection,
  runOn: (connection: Connection) => Run,
) {
  const run = runOn(connection);
  return {
    transaction: <T>(work: (transaction: object) => Promise<T>) => begunByHand(run, () => work(connection)),
    savepoint: (_transaction: object, work: (inner: object) => Promise<void>) =>
      savepointByHand(run, () => work(connection)),
    order: (transaction: object, id: number) => runOn(transaction as Connection)(insert(id)),
  };
}
