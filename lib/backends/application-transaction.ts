import { read } from '../core/checks/text';
import { libraryHandle } from './sql/handles/libraries';
import { activeRunner, afterCommit, isTypeOrms } from './sql/transactions/caller-transaction';

/*
 * Transactions of the application's, for queues of every kind: the jobs that are added after a commit may go to
 * beanstalkd. Loads no package, because all that it has of TypeORM are types.
 */

/**
 * Whether it is a transaction under way, as far as its library says. A driver's connection counts as one, but for
 * SQLite's, which know.
 */
export function isUnderWay(transaction: unknown): boolean {
  if (isTypeOrms(transaction)) return activeRunner(transaction) !== undefined;
  const known = libraryHandle(transaction);
  if (known) return known.underWay;
  const says = read(transaction, 'inTransaction') ?? read(transaction, 'isTransaction');
  if (typeof says === 'boolean') return says;
  return [read(transaction, 'query'), read(transaction, 'savepoint')].some((it) => typeof it === 'function');
}

/**
 * Calls back right after the outermost transaction has committed, and never when it, or the savepoint that is
 * its innermost one now, is rolled back. False when none is under way.
 */
export function whenCommitted(transaction: unknown, callback: () => void): boolean {
  const runner = activeRunner(transaction);
  if (runner) afterCommit(runner, callback);
  return runner !== undefined;
}
