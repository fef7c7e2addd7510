/** The words in which databases differ where schedules are kept. */
export interface ScheduleWords {
  /** After the table: the index of what is due next, and the primary key, where the optimizer would rather scan, and lock, all rows. */
  readonly byNext: string;
  readonly byName: string;
  /** Ends a select whose rows stay as they are until the transaction ends. Empty where a transaction has the file alone. */
  readonly locked: string;
  /** The same, without those that another process has locked. */
  readonly lockedIfFree: string;
  /** Ends an insert that leaves a row alone that is there. */
  readonly unlessThere: (key: string) => string;
}
