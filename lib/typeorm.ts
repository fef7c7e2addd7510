export { typeOrmBackend, type TypeOrmBackendOptions } from './backends/sql/type-orm-backend';
export { jobQueueMigration } from './backends/sql/job-queue-migration';
export { sqlBackend } from './backends/sql/sql-backend-of-url';
export type { SqlOptions, TableOptions } from './backends/sql/sql-options';
export type { TransactionalJob } from './backends/sql/transactional-job';
