import type { JobId, Seconds } from '../../../core/contract/job-data';
import { Breath } from '../../../core/time/breath';
import { sleep } from '../../../core/time/sleep';
import type { SqlExecutor, SqlSession } from '../connection/executor';
import type { FaultReporter } from '../connection/fault-reporter';
import type { SqliteFile } from './sqlite-file';
import { SqliteSession } from './sqlite-session';

/** How long to try while another connection or process holds SQLite's write lock. */
const BUSY_LIMIT: Seconds = 10;
const FIRST_BUSY_WAIT: Seconds = 0.001;
const LONGEST_BUSY_WAIT: Seconds = 0.025;

/**
 * Statements on the queue's one connection to a SQLite file, one after the other: two transactions would mix on it.
 * When the file is locked it waits on a timer, never in SQLite's own busy handler: a synchronous driver that waits for
 * a lock held in its own process waits for ever.
 */
export class SerialExecutor implements SqlExecutor {
  private readonly breath = new Breath();
  private readonly line: (() => void)[] = [];
  private busy = false;

  constructor(
    private readonly file: SqliteFile,
    private readonly faults: FaultReporter,
  ) {}

  /** Opens the file. */
  open(): Promise<void> {
    return this.inTurn(async () => undefined);
  }

  rows<Row extends object>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
    return this.inTurn((session) => session.rows<Row>(sql, parameters));
  }

  change(sql: string, parameters?: readonly unknown[]): Promise<number> {
    return this.inTurn((session) => session.change(sql, parameters));
  }

  insert(sql: string, parameters: readonly unknown[]): Promise<JobId> {
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

  /** Ends what is under way, too: a turn that waits for a lock finds the file closed. */
  close(): Promise<void> {
    return this.file.close();
  }

  private async inTurn<T>(work: (session: SqliteSession) => Promise<T>): Promise<T> {
    const deadline = performance.now() + BUSY_LIMIT * 1000;
    for (let wait = FIRST_BUSY_WAIT; ; wait = Math.min(LONGEST_BUSY_WAIT, wait * 2)) {
      try {
        return await this.once(work);
      } catch (error) {
        if (this.faults.faultOf(error) !== 'conflict' || performance.now() > deadline)
          throw this.faults.reported(error);
      }
      // Without the turn: the lock may be that of a transaction of the application's, which waits for a read of ours.
      await sleep(wait * (0.5 + Math.random() / 2));
    }
  }

  private async once<T>(work: (session: SqliteSession) => Promise<T>): Promise<T> {
    // Who ends hands the turn on to the next in line, so that nobody can come between.
    if (this.busy) await new Promise<void>((resolve) => this.line.push(resolve));
    this.busy = true;
    try {
      return await work(new SqliteSession(await this.file.connected(), this.breath));
    } finally {
      const next = this.line.shift();
      if (next) next();
      else this.busy = false;
    }
  }
}
