import { type Handle, methodOf } from './handle';

/** Whatever has `query(text, parameters)` and resolves with the rows: a client of pg, PGlite, an object of your own. */
export function plain(given: unknown): Handle | undefined {
  const query = methodOf(given, 'query');
  if (!query) return undefined;
  return {
    library: 'query(text, parameters)',
    underWay: true,
    ask: async (sql, values) => query(sql, values),
  };
}
