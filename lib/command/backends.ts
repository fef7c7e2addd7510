import type { QueueBackend } from '../core/contract/backend';
import type { Examined, Patience } from '../core/contract/ports/examination';
import type { ImportOptions, ImportTally } from '../core/contract/ports/import';

/** Which tables of a database are meant. */
export interface TableChoice {
  readonly table?: string;
  readonly schema?: string;
}

/** What the command needs of the backends without knowing any of them; `lib/bin` hands it over. */
export interface Backends {
  /**
   * The queue that a URL names, not yet connected. It makes and changes no table, and no file.
   *
   * @throws {InvalidConfigurationError} for a URL or a name that cannot be
   */
  open(url: string, choice: TableChoice): Promise<QueueBackend>;
  /** Looks at the server and the queue in it, one thing after the other; changes nothing. */
  examine(url: string, choice: TableChoice, patience: Patience): AsyncIterable<Examined>;
  /** Takes over the jobs of another library's table, which is only read. */
  import(url: string, choice: TableChoice, options: ImportOptions): Promise<readonly ImportTally[]>;
  /** The databases whose tables `sql` prints. */
  readonly databases: readonly { readonly name: string; readonly title: string }[];
  /** The SQL that makes the tables of a database, or brings those of an older layout to the newest one. */
  sql(database: string, options: SqlChoice): string;
}

export interface SqlChoice extends TableChoice {
  readonly compression?: boolean;
  /** The layout that the tables have now; 0 for none. */
  readonly from: string;
}
