export { sqlBackend, type SqlBackendOptions } from './backends/sql/open/sql-backend-of-url';
export type { SqlOptions, TableOptions } from './backends/sql/open/sql-options';
export type { RunTransaction } from './backends/sql/transactions/run-transaction';
