import { read } from '../../../core/checks/text';
import { type Handle, methodOf } from './handle';
import { withNumbers } from './placeholders';

/** On SQLite it asks for no rows when the first word is insert. */
const NO_INSERT = '/* rows */ ';
/** Only of such a statement it tells on SQLite how many rows were changed. */
const COUNTED = { type: 'BULKUPDATE' };

/** The transaction that `sequelize.transaction()` hands out. */
export function sequelize(given: unknown): Handle | undefined {
  const owner = read(given, 'sequelize');
  const query = methodOf(owner, 'query');
  if (!query || typeof read(given, 'rollback') !== 'function') return undefined;
  return {
    library: 'Sequelize',
    underWay: read(given, 'finished') === undefined,
    ask: async (sql, values, yieldsRows) => {
      try {
        const bind = values.length > 0 ? { bind: values } : {};
        return await query(`${yieldsRows ? NO_INSERT : ''}${withNumbers(sql)}`, {
          ...bind,
          ...(!yieldsRows && COUNTED),
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
