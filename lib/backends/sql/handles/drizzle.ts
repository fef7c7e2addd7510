import { read } from '../../../core/checks/text';
import { type Handle, methodOf } from './handle';

/** The database or transaction of Drizzle; only a transaction has `rollback`. */
export function drizzle(given: unknown): Handle | undefined {
  if (read(given, 'session') === undefined || read(given, 'dialect') === undefined) return undefined;
  // SQLite's have no `execute`.
  const execute = methodOf(given, 'execute');
  const query = execute ?? methodOf(given, 'all');
  const run = execute ?? methodOf(given, 'run');
  if (!query || !run) return undefined;
  return {
    library: 'Drizzle',
    underWay: typeof read(given, 'rollback') === 'function',
    ask: async (sql, values, yieldsRows) => {
      try {
        return await (yieldsRows ? query : run)(written(sql, values));
      } catch (error) {
        // Its own message has the values.
        throw read(error, 'cause') ?? error;
      }
    },
  };
}

/** What Drizzle takes for its `sql`: it asks each such object for the text and the values. */
function written(sql: string, params: readonly unknown[]): object {
  const statement = {
    getSQL: () => statement,
    toQuery: () => ({ sql, params, typings: params.map(() => 'none') }),
  };
  return statement;
}
