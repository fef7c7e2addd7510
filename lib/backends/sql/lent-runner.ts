import type { QueryRunner } from 'typeorm';
import { InvalidJobOptionError } from '../../core/errors';

const owners = new WeakMap<QueryRunner, QueryRunner>();

/** A runner for as long as a transaction lasts. */
export interface LentRunner {
  readonly runner: QueryRunner;
  /** From now on nothing can be done with it. */
  readonly takeBack: () => void;
}

/**
 * TypeORM has one runner to a SQLite file, which is never released. A handler that goes on after its transaction
 * was rolled back, because it took too long, would write outside of any, or in that of the next one.
 */
export function lend(owned: QueryRunner): LentRunner {
  let over = false;
  const runner = new Proxy(owned, {
    get(target, name): unknown {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (!over) return value.bind(target) as unknown;
      throw new InvalidJobOptionError(
        'manager',
        'after the end of its transaction',
        'the job’s transaction was rolled back, or has committed; heed job.signal, and await everything in the handler',
      );
    },
  });
  owners.set(runner, owned);
  return { runner, takeBack: () => void (over = true) };
}

/** The runner itself, which TypeORM's events name. */
export function ownerOf(runner: QueryRunner): QueryRunner {
  return owners.get(runner) ?? runner;
}
