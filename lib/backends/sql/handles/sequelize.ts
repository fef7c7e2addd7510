import { read } from '../../../core/checks/text';
import { type Handle, methodOf } from './handle';
import { withNumbers } from './placeholders';

/** The transaction that `sequelize.transaction()` hands out. */
export function sequelize(given: unknown): Handle | undefined {
  const owner = read(given, 'sequelize');
  const query = methodOf(owner, 'query');
  if (!query || typeof read(given, 'rollback') !== 'function') return undefined;
  return {
    library: 'Sequelize',
    underWay: read(given, 'finished') === undefined,
    ask: async (sql, values) => {
      try {
        const bind = values.length > 0 ? { bind: values } : {};
        return await query(withNumbers(sql), {
          ...bind,
          transaction: given,
          raw: true,
          logging: false,
        });
      } catch (error) {
        throw read(error, 'original') ?? error;
      }
    },
  };
}
