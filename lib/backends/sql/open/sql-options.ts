import { checkedBoolean } from '../../../core/checks/checks';
import type { Duration } from '../../../core/checks/duration';
import { checkedOptions, type OptionNames } from '../../../core/checks/options';
import { InvalidConfigurationError } from '../../../core/contract/errors';

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

export const SQL_OPTIONS: OptionNames<SqlOptions> = {
  table: true,
  schema: true,
  compression: true,
  migrate: true,
  timeout: true,
  synchronous: true,
};

/** @throws InvalidJobOptionError for a name that there is not; what the others hold is checked where it is used */
export function checkedSqlOptions<T extends SqlOptions>(given: T, names: OptionNames<T>): T {
  const options = checkedOptions(given, names);
  for (const name of ['compression', 'migrate'] as const) checkedBoolean(name, options[name] ?? true);
  return options;
}

/** The error of an option that is not for this database: why, as the end of a sentence. */
export function notFor(database: string, option: string, why: string): InvalidConfigurationError {
  return new InvalidConfigurationError(`The option ${option} is not for ${database}: ${why}. Leave it out.`);
}
