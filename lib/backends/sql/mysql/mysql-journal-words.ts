import type { JournalWords } from '../journal/journal-words';

export const MYSQL_JOURNAL_WORDS: JournalWords = {
  byId: ' force index (primary)',
  locked: ' for update',
  text: 'char',
  into: '',
  orChange: ` on duplicate key update
  progress = if(values(progress) = '', progress, values(progress)), changed_at = values(changed_at)`,
};
