import { activeRunner, afterCommit } from './sql/transactions/caller-transaction';

/*
 * Transactions of the application's, for queues of every kind: the jobs that are added after a commit may go to
 * beanstalkd. Loads no package, because all that it has of TypeORM are types.
 */

/** Whether it is a TypeORM EntityManager or QueryRunner with a transaction under way. */
export function isUnderWay(transaction: unknown): boolean {
  return activeRunner(transaction) !== undefined;
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
