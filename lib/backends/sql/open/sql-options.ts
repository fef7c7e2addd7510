import type { Duration } from '../../../core/checks/duration';

/** Which tables the queue has in a database. */
export interface TableOptions {
  /** The name of the queue's table, default `job_queue_jobs`; two more tables begin with it. */
  readonly table?: string;
  /** PostgreSQL only: the schema of the tables, default `public`. It has to exist. */
  readonly schema?: string;
  /** MySQL and MariaDB only: store payloads with COMPRESS; default false. */
  readonly compression?: boolean;
}

export interface SqlOptions extends TableOptions {
  /** Make the tables when they are missing; default true. */
  readonly migrate?: boolean;
  /**
   * PostgreSQL, MySQL and MariaDB: how long connecting, or the answer to one statement, may take before the connection
   * counts as broken and is cut: above 0, up to an hour. Statements that make tables, count, search or clear
   * may take five minutes.
   * @default 10
   */
  readonly timeout?: Duration;
  /**
   * SQLite only: with `normal`, the default, every job survives any crash of a process, and a power cut may undo
   * the last commits; with `full` they survive that, too, and each commit waits for the disk.
   */
  readonly synchronous?: 'normal' | 'full';
}
