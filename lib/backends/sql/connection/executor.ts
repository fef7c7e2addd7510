import type { QueryRunner } from 'typeorm';

/** Runs single statements. Parameters are written as the database's driver wants them: `$1` or `?`. */
export interface SqlSession {
  /** The rows that a select or a `returning` yields. */
  rows<Row extends object>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** How many rows an update, delete or insert touched. */
  change(sql: string, parameters?: readonly unknown[]): Promise<number>;
}

/** Statements on one connection that is borrowed, and that its borrower gives back. */
export interface BorrowedSession extends SqlSession {
  /** Why the connection can be used no more: the first thing that broke it. */
  readonly broken?: Error | undefined;
}

export interface SqlExecutor extends SqlSession {
  /** The same, for statements that may rightly take long. */
  readonly patient: SqlExecutor;
  /**
   * When a statement was last seen to wait for longer than a second because the others cannot write, either: in
   * milliseconds of `performance.now()`. Only of a database where one writer holds up all others.
   */
  readonly heldUpAt?: number;

  /** All of it or nothing, on one connection. */
  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T>;
}

/** Statements in a transaction of the application's, by its runner, whose structured result has one shape for all drivers. */
export class RunnerSession implements SqlSession {
  constructor(private readonly runner: QueryRunner) {}

  async rows<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const { records } = await this.runner.query(sql, parameters as unknown[], true);
    // Copied, because arrays of a native driver belong to another realm under jest, where they equal none of the test's.
    return [...((records ?? []) as Row[])];
  }

  async change(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    const { affected } = await this.runner.query(sql, parameters as unknown[], true);
    return affected ?? 0;
  }
}
