import { Sequelize, type Transaction } from 'sequelize';
import { insert, type Library, savepointByHand, type TestedLibrary, versionOf } from './library';

const NAMED = { name: 'Sequelize', version: versionOf('sequelize') };

/** On PostgreSQL and MySQL. */
export const sequelize: TestedLibrary = {
  ...NAMED,
  open: async (url) => libraryOf(new Sequelize(url.replace(/^postgresql:/, 'postgres:'), { logging: false })),
};

/** On a file, by the package sqlite3, which is at hand only where it was installed. */
export const sequelizeOnSqlite3 = (
  sqlite3: () => Promise<object>,
  beside: Pick<TestedLibrary, 'queue' | 'place'>,
): TestedLibrary => ({
  ...NAMED,
  ...beside,
  open: async (storage) =>
    libraryOf(new Sequelize({ dialect: 'sqlite', storage, dialectModule: await sqlite3(), logging: false })),
});

function libraryOf(db: Sequelize): Library {
  const runIn = (transaction: object) => (sql: string) =>
    db.query(sql, { transaction: transaction as Transaction });
  return {
    transaction: (work) => db.transaction((transaction) => work(transaction)),
    savepoint: (transaction, work) => savepointByHand(runIn(transaction), () => work(transaction)),
    order: (transaction, id) => runIn(transaction)(insert(id)),
    outside: db,
    close: () => db.close(),
  };
}
