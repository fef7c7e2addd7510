import { read } from '../../../core/checks/text';
import { type Handle, methodOf } from './handle';
import { withQuestionMarks } from './placeholders';

export function knex(given: unknown): Handle | undefined {
  const raw = methodOf(given, 'raw');
  if (!raw || read(given, 'client') === undefined || typeof read(given, 'isCompleted') !== 'function')
    return plainKnex(given);
  return {
    library: 'Knex',
    underWay: methodOf(given, 'isCompleted')?.() === false,
    ask: async (sql, values) => {
      const statement = withQuestionMarks(sql, values);
      try {
        return await raw(statement.sql, statement.values);
      } catch (error) {
        throw withoutStatement(error);
      }
    },
  };
}

/** A Knex that is no transaction. */
function plainKnex(given: unknown): Handle | undefined {
  if (typeof given !== 'function' || !methodOf(given, 'transactionProvider')) return undefined;
  return { library: 'Knex', underWay: false, ask: () => Promise.reject(new TypeError('no transaction')) };
}

/** Knex writes the whole statement with its values in front of the driver's message. */
function withoutStatement(error: unknown): unknown {
  const message = read(error, 'message');
  if (typeof message !== 'string') return error;
  const own = message.slice(message.lastIndexOf(' - ') + (message.includes(' - ') ? 3 : 1));
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  return Object.assign(new Error(own), { code, errno });
}
