import type { ScriptStatement } from '../connection/script-executor';

/**
 * MariaDB makes a join of an `in` with 1,000 values or more (its variable in_predicate_conversion_threshold), and then
 * may read the table first, by a scan. It leaves those alone that stand beside an `or`.
 */
const MOST_VALUES = 500;

/** The condition that the column has one of these values, of which there is at least one. */
export function anyOf(column: string, values: readonly unknown[]): Required<ScriptStatement> {
  const lists: unknown[][] = [];
  for (let start = 0; start < values.length; start += MOST_VALUES) {
    lists.push(values.slice(start, start + MOST_VALUES));
  }
  return { sql: `(${lists.map(() => `${column} in (?)`).join(' or ')})`, parameters: lists };
}
