import type { SqlSession } from '../connection/executor';
import type { Handle, Recognise } from './handle';
import type { Binding } from './handle-session';

/** What a database needs for transactions of the application's that are not TypeORM's. */
export interface CallerRules {
  /** Of the connections of the database's own drivers. */
  readonly drivers: readonly Recognise[];
  readonly binding: Binding;
  /**
   * What is wrong with the session, which completes "transaction is …": none is under way in it, or it is in another
   * database than the queue's. Undefined when it is what it has to be. Asks the server, and changes nothing.
   */
  problemOf(session: SqlSession, handle: Handle, given: object): Promise<string | undefined>;
  /** Where `undo` goes back to; false when that cannot be, because the library cannot make a savepoint. */
  mark(session: SqlSession): Promise<boolean>;
  /** Undoes what was written since `mark`, so that not even a commit keeps it. Rejects when that cannot be. */
  undo(session: SqlSession): Promise<void>;
  /** Tells workers of these pipelines when the transaction commits, where the database can. */
  announce?(session: SqlSession, pipelines: readonly string[]): Promise<void>;
}

/** Where handlers begin, on systems in which a failed statement does not fail its transaction. */
export const MARK = 'savepoint job_queue_handler';
export const BACK_TO_MARK = 'rollback to savepoint job_queue_handler';

export const NOT_UNDER_WAY = 'not under way: it has ended, or was never begun';

/** What a session is in, compared with where the queue is. */
export function elsewhere(theirs: string, ours: string): string {
  return `in ${theirs}, and the queue in ${ours}`;
}
