import type { SqlSystem } from '../open/sql-system';
import { driverOf, findDriver } from './drivers/find-driver';
import { openedDatabase } from './drivers/opened-database';
import { sqliteChecks } from './examination/sqlite-checks';
import { MEMORY, pathOfUrl } from './file/sqlite-path';
import { openSqlite, sqliteTable } from './open-sqlite';
import { SqliteTransactions } from './session/sqlite-transactions';
import { SQLITE_IMPORT_WORDS } from './sqlite-import-words';
import { SqliteHistory } from './sqlite-layouts';

export const sqlite: SqlSystem = {
  name: 'sqlite',
  title: 'SQLite',
  schemes: ['sqlite'],
  // TypeORM's own name of the package sqlite3.
  dataSourceTypes: ['better-sqlite3', 'sqlite'],
  table: sqliteTable,
  history: (table) => new SqliteHistory(table),
  checks: sqliteChecks,
  importWords: SQLITE_IMPORT_WORDS,

  async open(url, options, logger) {
    return openSqlite(pathOfUrl(url), await findDriver(), options, logger);
  },

  // On a connection of its own: the queue's statements would fall into the transactions of the application's.
  onPool(given) {
    const opened = openedDatabase(given);
    return opened && ((options, logger) => openSqlite(opened.path, opened.driver, options, logger));
  },

  // TypeORM has one connection to a SQLite file: the queue's statements would fall into the application's transactions.
  async openOn(dataSource, options, logger) {
    const path = String(dataSource.options.database);
    const database = await openSqlite(path, driverOf(dataSource), options, logger);
    if (path === MEMORY) return database;
    return { ...database, transactions: new SqliteTransactions(dataSource, database.dialect) };
  },

  // Two connections to :memory: are two databases.
  hasTransactionsOn: (dataSource) => dataSource.options.database !== MEMORY,
};
