export { typeOrmBackend, type TypeOrmBackendOptions } from './backends/sql/open/type-orm-backend';
export {
  jobQueueMigration,
  jobQueueMigrations,
  type MigrationOptions,
} from './backends/sql/layouts/job-queue-migration';
export { sqlBackend } from './backends/sql/open/sql-backend-of-url';
export type { SqlOptions, TableOptions } from './backends/sql/open/sql-options';
export type { TransactionalJob } from './backends/sql/transactions/transactional-job';
