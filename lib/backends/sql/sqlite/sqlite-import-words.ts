import type { ImportWords } from '../import/import-words';

export const SQLITE_IMPORT_WORDS: ImportWords = {
  moment: (column) => `cast(strftime('%s', ${column}) as integer) * 1000`,
  payload: (column) => column,
  quoted: (name) => `"${name.replaceAll('"', '""')}"`,
};
