import type { JobId, Seconds } from '../../../../core/contract/job-data';
import { Breath } from '../../../../core/time/breath';
import { sleep } from '../../../../core/time/sleep';
import { nextTick } from '../../../../core/time/timers';
import type { SqlExecutor } from '../../connection/executor';
import type { FaultReporter } from '../../connection/fault-reporter';
import { allStored } from '../../puts/stored-ids';
import type { Ran, Soon, SqliteConnection } from '../drivers/sqlite-driver';
import type { SqliteFile } from '../file/sqlite-file';
import { type ListingSession, SqliteSession } from './sqlite-session';

/** How long to try while another connection or process holds SQLite's write lock. */
const BUSY_LIMIT: Seconds = 10;
const FIRST_BUSY_WAIT: Seconds = 0.001;
const LONGEST_BUSY_WAIT: Seconds = 0.025;
/** The file is locked for so long only while something is wrong, in milliseconds: with us, or with somebody else. */
const HELD_UP_MS = 1000;

/** Resolves when no promise of this macrotask can go on. */
function othersWait(): Promise<void> {
  return new Promise((resolve) => nextTick(resolve));
}

/**
 * Statements on the queue's one connection to a SQLite file, one after the other: two transactions would mix on it.
 * When the file is locked it waits on a timer, never in SQLite's own busy handler: a synchronous driver that waits for
 * a lock held in its own process waits for ever.
 */
export class SerialExecutor implements SqlExecutor, ListingSession {
  heldUpAt = -Infinity;
  private readonly breath = new Breath();
  private readonly line: (() => void)[] = [];
  private busy = false;

  constructor(
    private readonly file: SqliteFile,
    private readonly faults: FaultReporter,
  ) {}

  /** A statement of SQLite's ends in its own time. */
  get patient(): this {
    return this;
  }

  /** Opens the file. */
  open(): Promise<void> {
    return this.inTurn(async () => undefined);
  }

  rows<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.inTurn((connection) => connection.rows<Row>(sql, parameters));
  }

  lists<Row extends readonly unknown[]>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return this.inTurn((connection) => connection.lists<Row>(sql, parameters));
  }

  change(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    return this.inTurn(async (connection) => (await connection.run(sql, parameters)).changes);
  }

  /**
   * Inserts one row by a statement without `returning` and returns its id: that clause has its price, since SQLite
   * collects the rows before it gives the first.
   */
  insert(sql: string, parameters: readonly unknown[]): Promise<JobId> {
    return this.inTurn((connection) => {
      const ran = connection.run(sql, parameters);
      return ran instanceof Promise
        ? ran.then((later) => insertedId(later, connection))
        : insertedId(ran, connection);
    });
  }

  /** As `insert`, of a row that may be there already: undefined then. */
  insertNew(sql: string, parameters: readonly unknown[]): Promise<JobId | undefined> {
    const idOf = (ran: Ran, connection: SqliteConnection): Soon<JobId | undefined> =>
      ran.changes === 0 ? undefined : insertedId(ran, connection);
    return this.inTurn((connection) => {
      const ran = connection.run(sql, parameters);
      return ran instanceof Promise ? ran.then((later) => idOf(later, connection)) : idOf(ran, connection);
    });
  }

  transaction<T>(work: (session: ListingSession) => Promise<T>): Promise<T> {
    return this.inTurn((connection) => this.transactionOn(connection, work));
  }

  /** Runs something else between two statements of ours, again while it meets a locked file. */
  between<T>(work: () => Promise<T>): Promise<T> {
    return this.inTurn(work);
  }

  /** Ends what is under way, too: a turn that waits for a lock finds the file closed. */
  close(): Promise<void> {
    return this.file.close();
  }

  private async transactionOn<T>(
    connection: SqliteConnection,
    work: (session: ListingSession) => Promise<T>,
  ): Promise<T> {
    // What was begun before, a handler for one, goes on until it waits, so that nothing comes between: see `SqliteSession`.
    await othersWait();
    // IMMEDIATE, because a deferred transaction that turns to writing fails at once when another one wrote.
    await connection.rows('begin immediate', []);
    try {
      const result = await work(new SqliteSession(connection));
      await connection.rows('commit', []);
      return result;
    } catch (error) {
      try {
        await connection.rows('rollback', []);
      } catch {
        // SQLite has rolled back by itself after some errors (a full disk, for one); the first error is the one to report.
      }
      throw error;
    }
  }

  /** One function, because each further promise costs what a tenth of a statement does. */
  private async inTurn<T>(work: (connection: SqliteConnection) => Soon<T>): Promise<T> {
    let lockedSince: number | undefined;
    let began = 0;
    for (let wait = FIRST_BUSY_WAIT; ; wait = Math.min(LONGEST_BUSY_WAIT, wait * 2)) {
      // The end of a turn passes it on to the next in line, so that no other statement comes between.
      if (this.busy) await new Promise<void>((resolve) => this.line.push(resolve));
      this.busy = true;
      try {
        if (this.breath.due) await this.breath.taken();
        began = performance.now();
        const connection = this.file.connected();
        return await work(connection instanceof Promise ? await connection : connection);
      } catch (error) {
        const now = performance.now();
        lockedSince ??= now;
        if (this.faults.faultOf(error) !== 'conflict' || now - lockedSince > BUSY_LIMIT * 1000)
          throw this.faults.reported(error);
      } finally {
        // Also when this process was stopped, and with it a transaction that holds the lock.
        const now = performance.now();
        if (now - (lockedSince ?? began) > HELD_UP_MS) this.heldUpAt = now;
        const next = this.line.shift();
        if (next) next();
        else this.busy = false;
      }
      // Without the turn: the lock may be that of a transaction of the application's, which waits for a read of ours.
      await sleep(wait * (0.5 + Math.random() / 2));
    }
  }
}

function insertedId({ changes, lastId }: Ran, connection: SqliteConnection): Soon<JobId> {
  // The last id is that of an earlier row then.
  if (changes === 0) allStored('sqlite', [undefined]);
  // A driver's number is rounded beyond 2^53.
  return Number.isSafeInteger(lastId) ? String(lastId) : lastIdOf(connection);
}

async function lastIdOf(connection: SqliteConnection): Promise<JobId> {
  const [row] = await connection.rows<{ id: JobId }>('select cast(last_insert_rowid() as text) as id', []);
  return (row as { id: JobId }).id;
}
