/** The words in which databases differ where rows beside a job are written. */
export interface JournalWords {
  /** After a table: its primary key, where the optimizer would rather scan, and lock, all rows. */
  readonly byId: string;
  /** Ends a select whose rows stay as they are until the transaction ends. Empty where a transaction has the file alone. */
  readonly locked: string;
  /** The type of a text, for an id that no driver rounds. */
  readonly text: string;
  /** Comes after the name of the progress table that is inserted into. */
  readonly into: string;
  /** Ends that insert: what is there stays where the new value is empty. */
  readonly orChange: string;
}

/** Of PostgreSQL and SQLite. */
export const STANDARD_JOURNAL_WORDS: Omit<JournalWords, 'locked'> = {
  byId: '',
  text: 'text',
  into: ' as p',
  orChange: ` on conflict (job_id) do update set
  progress = case when excluded.progress = '' then p.progress else excluded.progress end, changed_at = excluded.changed_at`,
};
