import { Sequelize, type Transaction } from 'sequelize';
import { insert, savepointByHand, type TestedLibrary, versionOf } from './library';

/** On PostgreSQL and MySQL. */
export const sequelize: TestedLibrary = {
  name: 'Sequelize',
  version: versionOf('sequelize'),
  async open(url) {
    const db = new Sequelize(url.replace(/^postgresql:/, 'postgres:'), { logging: false });
    const runIn = (transaction: object) => (sql: string) =>
      db.query(sql, { transaction: transaction as Transaction });
    return {
      transaction: (work) => db.transaction((transaction) => work(transaction)),
      savepoint: (transaction, work) => savepointByHand(runIn(transaction), () => work(transaction)),
      order: (transaction, id) => runIn(transaction)(insert(id)),
      outside: db,
      close: () => db.close(),
    };
  },
};
