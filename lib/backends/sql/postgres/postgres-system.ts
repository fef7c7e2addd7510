import { applicationDatabase } from '../open/application-database';
import type { SqlSystem } from '../open/sql-system';
import { postgresChecks } from './examination/postgres-checks';
import { openPostgres, postgresOf, postgresOnPool, postgresTable } from './open-postgres';
import { POSTGRES_IMPORT_WORDS } from './postgres-import-words';
import { PostgresHistory } from './postgres-layouts';

export const postgres: SqlSystem = {
  name: 'postgres',
  title: 'PostgreSQL',
  schemes: ['postgres', 'postgresql'],
  dataSourceTypes: ['postgres'],
  table: postgresTable,
  history: (table) => new PostgresHistory(table),
  checks: postgresChecks,
  importWords: POSTGRES_IMPORT_WORDS,
  open: openPostgres,
  onPool: postgresOnPool,
  openOn: async (dataSource, options, logger) =>
    applicationDatabase(dataSource, () => postgresOf(dataSource, options, logger)),
  hasTransactionsOn: () => true,
};
