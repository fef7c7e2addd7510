import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { InvalidJobOptionError } from '../../../core/contract/errors';
import { depthOf } from './transaction-depth';

const ENDS = new Set<string | symbol>(['commitTransaction', 'rollbackTransaction', 'release']);

const owners = new WeakMap<QueryRunner, QueryRunner>();

/** What a handler writes by, for as long as its transaction lasts. */
export interface LentRunner {
  readonly manager: EntityManager;
  /** From now on nothing can be done with it. */
  readonly takeBack: () => void;
}

/**
 * A handler that goes on after its transaction was rolled back, because it took too long, would write outside of
 * any, or in that of the next one: a statement that is sent behind the rollback is carried out.
 */
export function lend(owned: QueryRunner, dataSource: DataSource): LentRunner {
  let over = false;
  const runner: QueryRunner = new Proxy(owned, {
    get(target, name): unknown {
      // A transaction within the transaction writes by the runner's own.
      if (name === 'manager') return manager;
      // TypeORM would ask, and say only that the runner is released.
      if (name === 'isReleased' && over) return false;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      // An inner transaction is the handler's to end, the job's is not: its deletion is to be a part of it.
      if (!over && ENDS.has(name) && depthOf(target) === 1) {
        throw new InvalidJobOptionError(
          'manager cannot end the job’s transaction: resolve, and it commits with the job’s deletion; throw, and it is rolled back',
        );
      }
      if (!over) return value.bind(target) as unknown;
      throw new InvalidJobOptionError(
        'manager is used after its transaction has ended: it was rolled back, or has committed; heed job.signal, and await everything in the handler',
      );
    },
  });
  owners.set(runner, owned);
  const manager = dataSource.createEntityManager(runner);
  return { manager, takeBack: () => void (over = true) };
}

/** The runner itself, which TypeORM's events name. */
export function ownerOf(runner: QueryRunner): QueryRunner {
  return owners.get(runner) ?? runner;
}
