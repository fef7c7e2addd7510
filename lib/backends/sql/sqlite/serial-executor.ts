import type { DataSource } from 'typeorm';
import type { Seconds } from '../../../core/contract/job-data';
import { sleep } from '../../../core/time/sleep';
import type { SqlExecutor, SqlSession } from '../connection/executor';
import type { FaultReporter } from '../connection/fault-reporter';
import { lenderOf, type SqliteLender, type SqliteSession } from './sqlite-session';

/** How long to try while another connection or process holds SQLite's write lock. */
const BUSY_LIMIT: Seconds = 10;
const FIRST_BUSY_WAIT: Seconds = 0.001;
const LONGEST_BUSY_WAIT: Seconds = 0.025;

/**
 * Statements on the one connection that TypeORM has to a SQLite file, one after the other: two transactions
 * would mix on it. When the file is locked it waits on a timer, never in SQLite's own busy handler: a
 * synchronous driver that waits for a lock held in its own process waits for ever.
 */
export class SerialExecutor implements SqlExecutor {
  private last: Promise<unknown> = Promise.resolve();
  private readonly lend: SqliteLender;

  constructor(
    dataSource: DataSource,
    private readonly faults: FaultReporter,
  ) {
    this.lend = lenderOf(dataSource);
  }

  rows<Row extends object>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
    return this.inTurn((session) => session.rows<Row>(sql, parameters));
  }

  change(sql: string, parameters?: readonly unknown[]): Promise<number> {
    return this.inTurn((session) => session.change(sql, parameters));
  }

  insert(sql: string, parameters: readonly unknown[]): Promise<number> {
    return this.inTurn((session) => session.insert(sql, parameters));
  }

  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.inTurn(async (session) => {
      // IMMEDIATE, because a deferred transaction that turns to writing fails at once when another one wrote.
      await session.rows('begin immediate');
      try {
        const result = await work(session);
        await session.rows('commit');
        return result;
      } catch (error) {
        // SQLite has rolled back by itself after some errors (a full disk, for one); the first error is the one to report.
        await session.rows('rollback').catch(() => undefined);
        throw error;
      }
    });
  }

  /** Runs something else between two statements of ours, again while it meets a locked file. */
  between<T>(work: () => Promise<T>): Promise<T> {
    return this.inTurn(work);
  }

  private inTurn<T>(work: (session: SqliteSession) => Promise<T>): Promise<T> {
    const turn = this.last.then(() => this.unlocked(work));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async unlocked<T>(work: (session: SqliteSession) => Promise<T>): Promise<T> {
    const deadline = performance.now() + BUSY_LIMIT * 1000;
    for (let wait = FIRST_BUSY_WAIT; ; wait = Math.min(LONGEST_BUSY_WAIT, wait * 2)) {
      try {
        return await this.lend(work);
      } catch (error) {
        if (this.faults.faultOf(error) !== 'conflict' || performance.now() > deadline)
          throw this.faults.reported(error);
      }
      await sleep(wait * (0.5 + Math.random() / 2));
    }
  }
}
