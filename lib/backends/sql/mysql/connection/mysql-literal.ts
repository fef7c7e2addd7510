/*
 * How values get into a statement. A script of several statements, which is one round trip, takes no parameters of the
 * server's, so that the values stand in its text, and no setting of the server may change what they mean: with
 * NO_BACKSLASH_ESCAPES a backslash before a quote ends the text. So there is no backslash in any literal, and a quote is
 * doubled, which means the same in every mode.
 */

/** The statement with its values in the places of its question marks, of which its own text has no others. */
export function written(sql: string, values: readonly unknown[]): string {
  if (values.length === 0) return sql;
  const parts = sql.split('?');
  if (parts.length !== values.length + 1) {
    throw new TypeError(`a statement has ${parts.length - 1} places for ${values.length} values`);
  }
  let statement = parts[0] as string;
  for (const [index, value] of values.entries()) statement += literal(value) + (parts[index + 1] as string);
  return statement;
}

/** Of an array, a list for `in (…)`. */
function literal(value: unknown): string {
  if (typeof value === 'string') return text(value);
  if (value === null) return 'null';
  if ((typeof value === 'number' && Number.isFinite(value)) || typeof value === 'bigint')
    return String(value);
  if (Array.isArray(value) && value.length > 0) return value.map(literal).join(', ');
  throw new TypeError(`a value of type ${typeof value} has no place in a statement`);
}

function text(value: string): string {
  const quoted = value.includes("'") ? value.replaceAll("'", "''") : value;
  if (!quoted.includes('\\')) return `'${quoted}'`;
  // The server puts the backslashes in. REPLACE compares bytes, and takes no two collations.
  const standIn = STAND_INS.find((character) => !quoted.includes(character));
  if (standIn === undefined) return `_utf8mb4 x'${Buffer.from(value).toString('hex')}'`;
  return `replace('${quoted.replaceAll('\\', standIn)}', '${standIn}', _utf8mb4 x'5c' collate utf8mb4_bin)`;
}

/** Control characters, of which there are none in JSON. */
const STAND_INS = ['\u0001', '\u0002', '\u0003', '\u0004', '\u0005', '\u0006', '\u0007'];
