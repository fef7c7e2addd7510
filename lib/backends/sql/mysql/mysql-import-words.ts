import type { ImportWords } from '../import/import-words';

export const MYSQL_IMPORT_WORDS: ImportWords = {
  moment: (column) => `timestampdiff(microsecond, '1970-01-01', ${column}) div 1000`,
  // What was not compressed cannot be uncompressed: null, and a warning.
  payload: (column) => `coalesce(uncompress(${column}), cast(${column} as binary))`,
  quoted: (name) => `\`${name.replaceAll('`', '``')}\``,
};
