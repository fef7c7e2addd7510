const LONGEST = 255;

/** What every system keeps and compares alike: PostgreSQL keeps no NUL, MySQL compares without spaces at the end. */
export const UNIQUE_KEY_RULE =
  'a text of 1 to 255 characters, without NUL and halves of surrogate pairs, not ending in a space';

export function isUniqueKey(key: unknown): key is string {
  if (typeof key !== 'string' || key === '' || key.length > 2 * LONGEST) return false;
  if (key.length > LONGEST && [...key].length > LONGEST) return false;
  return !key.includes('\0') && !key.endsWith(' ') && !/\p{Surrogate}/u.test(key);
}
