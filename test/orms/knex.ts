import { type Knex, knex } from 'knex';
import { insert, type TestedLibrary, versionOf } from './library';

function tested(config: (url: string) => Knex.Config): TestedLibrary {
  return {
    name: 'Knex',
    version: versionOf('knex'),
    async open(url) {
      const db = knex(config(url));
      return {
        transaction: (work) => db.transaction((transaction) => work(transaction)),
        savepoint: (transaction, work) =>
          (transaction as Knex.Transaction).transaction((inner) => work(inner)),
        order: async (transaction, id): Promise<void> => {
          await (transaction as Knex.Transaction).raw(insert(id));
        },
        outside: db,
        close: () => db.destroy(),
      };
    },
  };
}

export const knexOnPg = tested((url) => ({ client: 'pg', connection: url }));
export const knexOnMysql2 = tested((url) => ({ client: 'mysql2', connection: url }));
export const knexOnBetterSqlite3 = tested((filename) => ({
  client: 'better-sqlite3',
  connection: { filename },
  useNullAsDefault: true,
}));
