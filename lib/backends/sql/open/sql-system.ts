import type { DataSource } from 'typeorm';
import type { Logger } from '../../../core/contract/logger';
import type { SqlCheck } from '../examination/sql-check';
import type { ImportWords } from '../import/import-words';
import type { JobTable } from '../layouts/job-table';
import type { TableHistory } from '../layouts/layout';
import type { Database } from './database';
import type { SqlOptions, TableOptions } from './sql-options';

/** What is looked at when a database of this kind is examined, beside what is alike in all. */
export interface SystemChecks {
  /** Of the server, and of what this role finds there. */
  readonly server: readonly SqlCheck[];
  /** Of the queue's tables, which are there and have the newest layout. */
  readonly tables: readonly SqlCheck[];
}

/** Opens the queue. */
export type OpenSql = (options: SqlOptions, logger: Logger) => Promise<Database>;

/** One kind of database, by the SQL that it speaks: all that its folder shows to the others. */
export interface SqlSystem {
  /** As it stands in logs and errors. */
  readonly name: string;
  /** As people call it. */
  readonly title: string;
  /** How its URLs begin, without the colon. */
  readonly schemes: readonly string[];
  /** TypeORM's names of its drivers. */
  readonly dataSourceTypes: readonly string[];
  /**
   * The tables that the options name.
   *
   * @throws {InvalidConfigurationError} for an option that is not for this database
   */
  table(options: TableOptions): JobTable;
  /** What those tables have been, and are. */
  history(table: JobTable, options: TableOptions): TableHistory;
  readonly checks: SystemChecks;
  readonly importWords: ImportWords;
  /** Opens a database for the queue alone. */
  open(url: string, options: SqlOptions, logger: Logger): Promise<Database>;
  /**
   * How the queue is opened on the application's own pool of a driver, which stays the application's; undefined for
   * anything else.
   */
  onPool(given: object): OpenSql | undefined;
  /** Opens the queue on the application's DataSource, which stays the application's: it is never closed here. */
  openOn(dataSource: DataSource, options: SqlOptions, logger: Logger): Promise<Database>;
  /** Whether `openOn` returns a database with `transactions`. */
  hasTransactionsOn(dataSource: DataSource): boolean;
}
