import { checkedBoolean } from '../../../core/checks/checks';
import type { Duration } from '../../../core/checks/duration';
import { checkedOptions, type OptionNames } from '../../../core/checks/options';
import { InvalidConfigurationError } from '../../../core/contract/errors';

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
