import type { DataSource, EntityManager, EntitySubscriberInterface, QueryRunner } from 'typeorm';
import { InvalidJobOptionError } from '../../core/errors';
import { type SqlSystem, systemOf } from './sql-system';

const RULE =
  'use the EntityManager that dataSource.transaction() hands out, or a QueryRunner, with a transaction of the queue’s database under way';

/** The runner of a transaction of the application's: of an EntityManager, or a QueryRunner itself. */
export function runnerOf(transaction: unknown, system: SqlSystem): QueryRunner {
  const runner =
    (transaction as Partial<EntityManager> | null)?.queryRunner ?? (transaction as Partial<QueryRunner>);
  if (typeof runner?.query !== 'function' || runner.isTransactionActive !== true) {
    throw new InvalidJobOptionError('manager', 'without an active transaction', RULE);
  }
  const { type } = dataSourceOf(runner as QueryRunner).options;
  if (systemOf(type) !== system) throw new InvalidJobOptionError('manager', `of a ${type} database`, RULE);
  return runner as QueryRunner;
}

const waiting = new WeakMap<QueryRunner, (() => void)[]>();
const watched = new WeakSet<DataSource>();

/** Calls back when the runner's transaction has committed, and never when it is rolled back. */
export function afterCommit(runner: QueryRunner, callback: () => void): void {
  const dataSource = dataSourceOf(runner);
  if (!watched.has(dataSource)) {
    watched.add(dataSource);
    dataSource.subscribers.push(END_OF_TRANSACTION);
  }
  waiting.set(runner, [...(waiting.get(runner) ?? []), callback]);
}

const END_OF_TRANSACTION: EntitySubscriberInterface = {
  afterTransactionCommit: ({ queryRunner }) => ended(queryRunner).forEach((callback) => callback()),
  afterTransactionRollback: ({ queryRunner }) => void ended(queryRunner),
};

/** What waits for the end of the transaction; nothing while only a savepoint of it has ended. */
function ended(runner: QueryRunner): (() => void)[] {
  if (runner.isTransactionActive) return [];
  const callbacks = waiting.get(runner) ?? [];
  waiting.delete(runner);
  return callbacks;
}

/** TypeORM 1.x calls it `dataSource`, 0.3 `connection`. */
function dataSourceOf(runner: QueryRunner): DataSource {
  const { dataSource, connection } = runner as { dataSource?: DataSource; connection?: DataSource };
  return (dataSource ?? connection) as DataSource;
}
