import BetterSqlite3 from 'better-sqlite3';
import {
  type Dialect,
  Kysely,
  MysqlDialect,
  PostgresDialect,
  sql,
  SqliteDialect,
  type Transaction,
} from 'kysely';
import { createPool } from 'mysql2';
import { Pool } from 'pg';
import { insert, type Library, savepointByHand, type TestedLibrary, versionOf } from './library';

function tested(dialectOf: (url: string) => Dialect): TestedLibrary {
  return {
    name: 'Kysely',
    version: versionOf('kysely'),
    open: async (url) => libraryOf(new Kysely<unknown>({ dialect: dialectOf(url) })),
  };
}

export const kyselyOnPg = tested((url) => new PostgresDialect({ pool: new Pool({ connectionString: url }) }));

export const kyselyOnMysql2 = tested((url) => new MysqlDialect({ pool: createPool(url) }));

export const kyselyOnBetterSqlite3 = tested(
  (file) => new SqliteDialect({ database: new BetterSqlite3(file) as never }),
);

function libraryOf(db: Kysely<unknown>): Library {
  const runIn = (transaction: object) => (text: string) =>
    sql.raw(text).execute(transaction as Transaction<unknown>);
  return {
    transaction: (work) => db.transaction().execute(work),
    savepoint: (transaction, work) => savepointByHand(runIn(transaction), () => work(transaction)),
    order: (transaction, id) => runIn(transaction)(insert(id)),
    outside: db,
    close: () => db.destroy(),
  };
}
