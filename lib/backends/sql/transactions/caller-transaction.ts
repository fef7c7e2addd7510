import type { DataSource, EntitySubscriberInterface, QueryRunner } from 'typeorm';
import { read } from '../../../core/checks/text';
import { InvalidJobOptionError } from '../../../core/contract/errors';
import { ownerOf } from './lent-runner';
import { depthOf } from './transaction-depth';

const RULE =
  'use the EntityManager that dataSource.transaction() hands out, or a QueryRunner, with a transaction of the queue’s database under way';

/**
 * The runner of a transaction of the application's: of an EntityManager, or a QueryRunner itself. Its DataSource has to
 * be of one of these types.
 */
export function runnerOf(transaction: unknown, types: readonly string[]): QueryRunner {
  const runner = activeRunner(transaction);
  if (!runner) throw new InvalidJobOptionError(`transaction has none under way: ${RULE}`);
  const { type } = dataSourceOf(runner).options;
  if (!types.includes(type))
    throw new InvalidJobOptionError(`transaction belongs to a ${type} database: ${RULE}`);
  return runner;
}

/** Whether it is one of TypeORM's objects: a DataSource, an EntityManager or a QueryRunner, with a transaction or without. */
export function isTypeOrms(given: unknown): boolean {
  if (read(given, 'queryRunner') !== undefined) return true;
  if (typeof read(given, 'isTransactionActive') === 'boolean') return true;
  return ['createQueryRunner', 'getTreeRepository'].some((name) => typeof read(given, name) === 'function');
}

/** Undefined for something else, and for one that has no transaction under way. */
export function activeRunner(transaction: unknown): QueryRunner | undefined {
  const runner = read(transaction, 'queryRunner') ?? transaction;
  if (typeof read(runner, 'query') !== 'function' || read(runner, 'isTransactionActive') !== true)
    return undefined;
  return ownerOf(runner as QueryRunner);
}

interface Waiting {
  /** How many transactions, one in the other, were under way: the innermost ones are savepoints. */
  readonly depth: number;
  readonly callback: () => void;
}

const waiting = new WeakMap<QueryRunner, readonly Waiting[]>();

/** Calls back when the runner's outermost transaction has committed; never when that, or the savepoint, is rolled back. */
export function afterCommit(runner: QueryRunner, callback: () => void): void {
  const { subscribers } = dataSourceOf(runner);
  // One that is initialised again has new ones.
  if (!subscribers.includes(END_OF_TRANSACTION)) subscribers.push(END_OF_TRANSACTION);
  waiting.set(runner, [...(waiting.get(runner) ?? []), { depth: depthOf(runner), callback }]);
}

const END_OF_TRANSACTION: EntitySubscriberInterface = {
  afterTransactionCommit: ({ queryRunner }) => {
    const callbacks = waiting.get(queryRunner) ?? [];
    const depth = depthOf(queryRunner);
    if (depth > 0) {
      waiting.set(
        queryRunner,
        callbacks.map((it) => ({ ...it, depth: Math.min(it.depth, depth) })),
      );
      return;
    }
    waiting.delete(queryRunner);
    for (const { callback } of callbacks) callback();
  },
  afterTransactionRollback: ({ queryRunner }) => {
    const depth = depthOf(queryRunner);
    waiting.set(
      queryRunner,
      (waiting.get(queryRunner) ?? []).filter((it) => it.depth <= depth),
    );
  },
};

/** Rolls back all transactions of the runner, the inner ones and the outermost. Never rejects. */
export async function endAll(runner: QueryRunner): Promise<void> {
  try {
    while (runner.isTransactionActive) await runner.rollbackTransaction();
  } catch {
    // On a broken connection there is nothing to roll back, and SQLite has done it by itself after some errors (a
    // full disk, for one): TypeORM would count on with a transaction that is no more.
    Object.assign(runner, { isTransactionActive: false, transactionDepth: 0 });
  }
}

/** TypeORM 1.x calls it `dataSource`, 0.3 `connection`. */
function dataSourceOf(runner: QueryRunner): DataSource {
  const { dataSource, connection } = runner as { dataSource?: DataSource; connection?: DataSource };
  return (dataSource ?? connection) as DataSource;
}
