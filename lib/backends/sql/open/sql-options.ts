import { checkedBoolean } from '../../../core/checks/checks';
import type { Duration } from '../../../core/checks/duration';
import { checkedOptions, type OptionNames } from '../../../core/checks/options';
import { InvalidConfigurationError } from '../../../core/contract/errors';
import type { Logger } from '../../../core/contract/logger';
import type { RunTransaction } from '../transactions/run-transaction';

/** Which tables the queue uses in a database. */
export interface TableOptions {
  /** The name of the queue's table; the names of its other tables begin with it. @default 'job_queue_jobs' */
  readonly table?: string;
  /** PostgreSQL only: the schema of the tables, which has to exist. @default 'public' */
  readonly schema?: string;
  /** MySQL and MariaDB only: store payloads with COMPRESS. @default false */
  readonly compression?: boolean;
}

export interface SqlOptions extends TableOptions {
  /** Make the tables when they are missing, and bring older ones to the newest layout. @default true */
  readonly migrate?: boolean;
  /**
   * PostgreSQL, MySQL and MariaDB: how long connecting, or the answer to one statement, may take before the connection
   * counts as broken and is cut: above 0, up to an hour. Statements that make tables, count, search or clear
   * may take five minutes.
   *
   * @default 10
   */
  readonly timeout?: Duration;
  /**
   * SQLite only. With `normal` every job survives the crash of any process, but a power cut may undo the last commits.
   * With `full` they survive that too, and each commit waits for the disk.
   *
   * @default 'normal'
   */
  readonly synchronous?: 'normal' | 'full';
}

export interface SqlBackendOptions extends SqlOptions {
  /**
   * Runs transactions in the queue's database by the application's library: `(work) => prisma.$transaction(work)`. With
   * it handlers can have the option `transaction`.
   *
   * @default none: such a handler is refused
   */
  readonly transaction?: RunTransaction;
}

export interface PoolBackendOptions extends SqlBackendOptions {
  /**
   * The application's pool of pg or mysql2 (with callbacks or promises), or its database of better-sqlite3 or
   * `node:sqlite`. The queue never closes it. Beside a SQLite database it opens a connection of its own to the same file.
   */
  readonly pool: object;
  /** @default the application's, under the name of the queue */
  readonly logger?: Logger;
}

export const SQL_OPTIONS: OptionNames<SqlOptions> = {
  table: true,
  schema: true,
  compression: true,
  migrate: true,
  timeout: true,
  synchronous: true,
};

/** @throws {InvalidJobOptionError} for an option that does not exist; the other values are checked where they are used */
export function checkedSqlOptions<T extends SqlOptions>(given: T, names: OptionNames<T>): T {
  const options = checkedOptions(given, names);
  for (const name of ['compression', 'migrate'] as const) checkedBoolean(name, options[name] ?? true);
  return options;
}

/** The error of an option that is not for this database; `why` completes the sentence. */
export function notFor(database: string, option: string, why: string): InvalidConfigurationError {
  return new InvalidConfigurationError(`The option ${option} is not for ${database}: ${why}. Leave it out.`);
}
