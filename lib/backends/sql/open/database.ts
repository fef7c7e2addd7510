import type { Logger } from '../../../core/contract/logger';
import type { SqlDialect } from '../engine/dialect';
import type { WakeUp } from '../ready/wake-up';
import type { ApplicationTransactions } from '../transactions/application-transactions';

/** An open database, as the backend uses it. */
export interface Database {
  readonly dialect: SqlDialect;
  readonly wakeUp: WakeUp;
  /** @default a logger that is silent */
  readonly logger?: Logger;
  /** Only on a DataSource of the application's. */
  readonly transactions?: ApplicationTransactions;
  /** Ends what was opened for the queue; never a DataSource of the application. */
  close(): Promise<void>;
}
