import type { ImportWords } from '../import/import-words';

export const POSTGRES_IMPORT_WORDS: ImportWords = {
  // The library keeps times as texts there.
  moment: (column) => `(extract(epoch from ${column}::text::timestamp) * 1000)::bigint`,
  payload: (column) => column,
  quoted: (name) => `"${name.replaceAll('"', '""')}"`,
};
