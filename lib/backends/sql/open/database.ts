import type { Logger } from '../../../core/contract/logger';
import type { SqlDialect } from '../engine/dialect';
import type { WakeUp } from '../ready/wake-up';
import type { TransactionsOfHandlers } from '../transactions/transactions-of-handlers';

/** An open database, as the backend uses it. */
export interface Database {
  readonly dialect: SqlDialect;
  readonly wakeUp: WakeUp;
  /** One of its own, where it was made with one. @default the one that the backend connects with */
  readonly logger?: Logger;
  /** Only where the application's transactions are at hand: of its DataSource, or by a function that it gives. */
  readonly transactions?: TransactionsOfHandlers;
  /** Ends what was opened for the queue; never a DataSource of the application. */
  close(): Promise<void>;
}
