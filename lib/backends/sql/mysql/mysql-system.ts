import { applicationDatabase } from '../open/application-database';
import type { SqlSystem } from '../open/sql-system';
import { mysqlChecks } from './examination/mysql-checks';
import { MYSQL_IMPORT_WORDS } from './mysql-import-words';
import { MysqlHistory } from './mysql-layouts';
import { mysqlOf, mysqlOnPool, mysqlTable, openMysql } from './open-mysql';

/** MariaDB speaks MySQL's SQL. */
export const mysql: SqlSystem = {
  name: 'mysql',
  title: 'MySQL or MariaDB',
  schemes: ['mysql', 'mariadb'],
  dataSourceTypes: ['mysql', 'mariadb'],
  table: mysqlTable,
  history: (table, { compression = false }) => new MysqlHistory(table, compression),
  checks: mysqlChecks,
  importWords: MYSQL_IMPORT_WORDS,
  open: openMysql,
  onPool: mysqlOnPool,
  openOn: async (dataSource, options) => applicationDatabase(dataSource, () => mysqlOf(dataSource, options)),
  hasTransactionsOn: () => true,
};
