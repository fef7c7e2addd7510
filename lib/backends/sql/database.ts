import type { ApplicationTransactions } from './application-transactions';
import type { SqlDialect } from './dialect';
import type { Signals } from './signals';

/** An open database, as the backend uses it. */
export interface Database {
  readonly dialect: SqlDialect;
  readonly signals: Signals;
  /** Only on a DataSource of the application's. */
  readonly transactions?: ApplicationTransactions;
  /** Ends what was opened for the queue; never a DataSource of the application. */
  close(): Promise<void>;
}
