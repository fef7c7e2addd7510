interface Written {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** `$1, $2` as question marks, with the values in their order; our statements have no question marks of their own. */
export function withQuestionMarks(sql: string, values: readonly unknown[]): Written {
  const inOrder: unknown[] = [];
  const text = sql.replace(/\$(\d+)/g, (_, place: string) => {
    inOrder.push(values[Number(place) - 1]);
    return '?';
  });
  return inOrder.length === 0 ? { sql, values } : { sql: text, values: inOrder };
}

/** Question marks as `$1, $2`. */
export function withNumbers(sql: string): string {
  let place = 0;
  return sql.replace(/\?/g, () => `$${(place += 1)}`);
}

/** A statement as PostgreSQL takes it, which numbers its parameters: those that all databases share are written with `?`. */
export function numbered(sql: string, parameters: readonly unknown[]): string {
  return parameters.length > 0 && sql.includes('?') ? withNumbers(sql) : sql;
}
