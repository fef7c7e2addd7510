/** The payload of the jobs of these tests: what their handler is to do. */
export interface Task {
  /** Tells the jobs of a scene apart. */
  readonly number: number;
  /** Seconds that it takes. */
  readonly takes?: number;
  /** It lasts until this file exists. */
  readonly until?: string;
  /** Its first run blocks the event loop for so many seconds. */
  readonly blocks?: number;
  /** Makes it large. */
  readonly ballast?: string;
  readonly harm?: 'exits' | 'kills itself' | 'leaks a rejection';
}
