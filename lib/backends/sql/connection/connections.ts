import type { Seconds } from '../../../core/contract/job-data';
import { DeadlineError } from './deadline';
import type { SqlSession } from './executor';
import type { FaultReporter } from './fault-reporter';

/** A connection that its pool has lent. */
export interface Connection extends SqlSession {
  /** In milliseconds of `performance.now()`; -Infinity for one that was there before its pool was watched. */
  readonly openedAt: number;
  /** Of each of its statements. */
  deadline: Seconds;
  release(): void;
  /** Ends it without a word to the server, whatever is under way on it. */
  destroy(): void;
}

/** A driver's pool. */
export interface ConnectionPool<C extends Connection> {
  acquire(): Promise<C>;
  /** Ends what it has opened; a pool of the application's stays as it is. */
  end(): Promise<void>;
}

/**
 * The connections to one database. Each one's end comes before a statement can wait for ever; and one that fails takes
 * all others with it that were open then: the network has forgotten them too, or they lead to the same server, which
 * is no longer the one that takes writes.
 */
export class Connections<C extends Connection> {
  private distrustedAt = -Infinity;

  constructor(
    private readonly pool: ConnectionPool<C>,
    private readonly faults: FaultReporter,
    readonly deadline: Seconds,
  ) {}

  /** Lends a connection for some work; each of its statements has the deadline. */
  async lend<T>(work: (connection: C) => Promise<T>, deadline = this.deadline): Promise<T> {
    const connection = await this.trusted();
    connection.deadline = deadline;
    let result: T;
    try {
      result = await work(connection);
    } catch (error) {
      if (this.faults.faultOf(error) === 'unavailable') {
        connection.destroy();
        if (this.faults.isOfConnection(error)) this.distrustedAt = performance.now();
      } else connection.release();
      throw error;
    }
    connection.release();
    return result;
  }

  end(): Promise<void> {
    return this.pool.end();
  }

  private async trusted(): Promise<C> {
    for (;;) {
      const connection = await this.acquired();
      if (connection.openedAt >= this.distrustedAt) return connection;
      connection.destroy();
    }
  }

  private acquired(): Promise<C> {
    return new Promise((resolve, reject) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        reject(new DeadlineError(`no connection was free or could be made within ${this.deadline} s`));
      }, this.deadline * 1000);
      this.pool.acquire().then(
        (connection) => {
          clearTimeout(timer);
          if (late) connection.release();
          else resolve(connection);
        },
        (error: Error) => {
          clearTimeout(timer);
          reject(error);
        },
      );
    });
  }
}
