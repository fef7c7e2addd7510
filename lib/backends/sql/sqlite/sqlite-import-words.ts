import type { ImportWords } from '../import/import-words';

export const SQLITE_IMPORT_WORDS: ImportWords = {
  moment: (column) => `cast(strftime('%s', ${column}) as integer) * 1000`,
  // As bytes: a driver makes a text of anything, and says nothing.
  payload: (column) => `cast(${column} as blob)`,
  quoted: (name) => `"${name.replaceAll('"', '""')}"`,
};
