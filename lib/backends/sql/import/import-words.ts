/** How the old table of one kind of database is read. */
export interface ImportWords {
  /** SQL for a column with a time in UTC, as milliseconds since 1970. */
  readonly moment: (column: string) => string;
  /** SQL for the payload, which may be compressed; text or bytes. */
  readonly payload: (column: string) => string;
  /** A name of the old table. */
  readonly quoted: (name: string) => string;
}
