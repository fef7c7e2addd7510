import { sqlBackend as open } from './backends/sql/open/sql-backend-of-url';
import type { PoolBackendOptions, SqlBackendOptions } from './backends/sql/open/sql-options';
import type { QueueBackend } from './core/contract/backend';
import type { Logger } from './core/contract/logger';

/** As that of `nestjs-simple-job-queue/typeorm`, with types that name nothing of TypeORM. */
export const sqlBackend: {
  (url: string, options?: SqlBackendOptions, logger?: Logger): QueueBackend;
  (options: PoolBackendOptions): QueueBackend;
} = open;

export type {
  PoolBackendOptions,
  SqlBackendOptions,
  SqlOptions,
  TableOptions,
} from './backends/sql/open/sql-options';
export type { RunTransaction } from './backends/sql/transactions/run-transaction';
