import { examineBackend } from '../backends/examine-backend';
import { openBackend } from '../backends/open-backend';
import { importJobs } from '../backends/sql/import/import-jobs';
import { printedSql } from '../backends/sql/open/printed-sql';
import { sqlSystems } from '../backends/sql/open/sql-systems';
import type { Backends } from '../command/backends';

/** The backends as the commands use them: they look and change jobs, and never tables. */
export const backends: Backends = {
  open: (url, choice) => openBackend(url, { ...choice, migrate: false }),
  examine: (url, choice, patience) => examineBackend(url, choice, patience),
  import: (url, choice, options) => importJobs(url, choice, options),
  databases: sqlSystems.map(({ name, title }) => ({ name, title })),
  sql: (database, { from, ...options }) => printedSql(database, from, options),
};
