import type { QueueBackend } from '../../core/contract/backend';

/** A connected backend for one run of the suite, and how to close it. It may share a server with others. */
export interface OpenedBackend {
  readonly backend: QueueBackend;
  /** Needed by a backend that has `features.transactions`, `scheduleTransactions` or `handlerTransactions`. */
  readonly application?: TestedApplication;
  close(): Promise<void>;
}

export type OpenBackend = () => Promise<OpenedBackend>;

/**
 * The application's side of the system that keeps the jobs: it begins transactions, and writes lines of text in them,
 * where an application would write its data. It makes the place for the lines itself. One transaction is under way at
 * a time.
 *
 * @example
 * const application = {
 *   transaction: (work) => dataSource.transaction(work),
 *   write: (manager, line) => manager.insert(Line, { line }),
 *   wrote: (line) => dataSource.manager.existsBy(Line, { line }),
 * };
 */
export interface TestedApplication {
  /**
   * Runs the work in a new transaction. Commits when the work resolves, and resolves with the same value; rolls back
   * when it rejects, and rejects with the same error.
   */
  transaction<T>(work: (transaction: unknown) => Promise<T>): Promise<T>;
  /** Writes a line in a transaction: one that `transaction` began, or one that the backend began for a handler. */
  write(transaction: unknown, line: string): Promise<unknown>;
  /** Whether the line was written and committed. Each line is written once. */
  wrote(line: string): Promise<boolean>;
}
