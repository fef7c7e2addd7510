import type { SqlSession } from '../connection/executor';
import type { Arrival } from '../puts/put-results';

/** What the work in a transaction has come to. */
export interface Worked<T> {
  readonly result: T;
  /** Told when it commits. */
  readonly arrivals: readonly Arrival[];
}

/** Works in a transaction: one that commits with the work, or one of the application's. */
export type Within = <T>(work: (db: SqlSession) => Promise<Worked<T>>) => Promise<T>;
