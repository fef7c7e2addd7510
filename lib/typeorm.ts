export { typeOrmBackend, type TypeOrmBackendOptions } from './backends/sql/type-orm-backend';
export { sqlBackend } from './backends/sql/sql-backend-of-url';
export type { SqlOptions } from './backends/sql/sql-options';
