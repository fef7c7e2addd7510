import type { Connection } from 'mysql2/promise';
import type { Client } from 'pg';
import type { SynchronousDatabase } from '../../lib/backends/sql/sqlite/drivers/synchronous-connection';
import { betterSqlite3, mysql2Promise, pg } from './drivers';
import type { TestedLibrary } from './library';

type Query = (text: string, parameters: unknown[]) => Promise<unknown>;

/** What an application makes of a connection itself. */
class OwnObject {
  readonly query: Query;

  constructor(
    readonly driver: object,
    queryOn: (connection: object) => Query,
  ) {
    this.query = queryOn(driver);
  }
}

function above<C extends object>(driver: TestedLibrary, queryOn: (connection: C) => Query): TestedLibrary {
  const made = (connection: object) => new OwnObject(connection, (it) => queryOn(it as C));
  const beneath = (own: object) => (own as OwnObject).driver;
  return {
    ...driver,
    name: `an object of your own above ${driver.name}`,
    async open(url) {
      const library = await driver.open(url);
      return {
        transaction: (work) => library.transaction((connection) => work(made(connection))),
        savepoint: (own, work) => library.savepoint(beneath(own), (connection) => work(made(connection))),
        order: async (own, id) => library.order(beneath(own), id),
        outside: made(library.outside),
        close: () => library.close(),
      };
    },
  };
}

export const ownObjectOnPg = above<Client>(
  pg,
  (client) => async (text, parameters) => (await client.query<object>(text, parameters)).rows,
);

export const ownObjectOnMysql2 = above<Connection>(
  mysql2Promise,
  (connection) => async (text, parameters) => {
    const [rows] = await connection.query(text, parameters);
    return rows;
  },
);

export const ownObjectOnBetterSqlite3 = above<SynchronousDatabase>(
  betterSqlite3,
  (database) => async (text, parameters) => {
    const statement = database.prepare(text);
    return statement.reader ? statement.all(...parameters) : statement.run(...parameters);
  },
);
