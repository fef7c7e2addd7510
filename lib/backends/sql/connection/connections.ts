import type { Seconds } from '../../../core/contract/job-data';
import { endsWithin } from '../../../core/time/sleep';
import { DeadlineError } from './deadline';
import type { SqlSession } from './executor';
import type { FaultReporter } from './fault-reporter';
import { SpareConnection } from './spare-connection';

/** A connection that its pool has lent. */
export interface Connection extends SqlSession {
  /** In milliseconds of `performance.now()`; -Infinity for one that was there before its pool was watched. */
  readonly openedAt: number;
  /** Of each of its statements. */
  deadline: Seconds;
  /** Why it can be used no more. */
  readonly broken?: Error | undefined;
  release(): void;
  /** Ends it without a word to the server, whatever is under way on it. */
  destroy(): void;
  /** To be called before work on it; undefined when there is nothing to do. */
  prepare?(): Promise<void> | undefined;
}

/** A driver's pool. */
export interface ConnectionPool<C extends Connection> {
  /**
   * Whether one may be kept a moment for the next work: not where others may wait for it whom `Connections` does not know
   * of, as in an application's pool.
   */
  readonly keepsSpare: boolean;
  acquire(): Promise<C>;
  /** Ends what it has opened; a pool of the application's stays as it is. */
  end(): Promise<void>;
}

/** More than a pool holds: after so many discards in a row, the connections discarded are new ones. */
const MOST_DISCARDED = 100;

/**
 * The connections to one database. Each ends before a statement can wait for ever. One that fails takes all others with
 * it that were open then: the network has forgotten them too, or they lead to the same server, which no longer takes
 * writes.
 */
export class Connections<C extends Connection> {
  private distrustedAt = -Infinity;
  private lent = 0;
  private acquiring = 0;
  private readonly spare = new SpareConnection<C>();
  private returnedAt = -Infinity;
  /** The waits for a connection that is lent, because no other can be made. */
  private readonly queue: (() => void)[] = [];

  constructor(
    private readonly pool: ConnectionPool<C>,
    private readonly faults: FaultReporter,
    readonly deadline: Seconds,
  ) {}

  /** Lends a connection for some work; each of its statements has the deadline. */
  async lend<T>(work: (connection: C) => Promise<T>, deadline = this.deadline): Promise<T> {
    const connection = this.trustedSpare() ?? (await this.trusted());
    connection.deadline = deadline;
    try {
      const preparing = connection.prepare?.();
      if (preparing) await preparing;
      const result = await work(connection);
      this.giveBack(connection);
      return result;
    } catch (error) {
      if (this.faults.faultOf(error) === 'unavailable') {
        connection.destroy();
        if (this.faults.isOfConnection(error)) this.distrustedAt = performance.now();
      } else connection.release();
      throw error;
    } finally {
      this.returned();
    }
  }

  end(): Promise<void> {
    this.spare.giveBack();
    return this.pool.end();
  }

  private giveBack(connection: C): void {
    if (this.pool.keepsSpare && this.acquiring === 0) this.spare.keep(connection);
    else connection.release();
  }

  private trustedSpare(): C | undefined {
    const spare = this.spare.take();
    if (spare && (spare.broken || !this.trusts(spare))) {
      spare.destroy();
      return undefined;
    }
    if (spare) this.lent += 1;
    return spare;
  }

  private async trusted(): Promise<C> {
    this.acquiring += 1;
    try {
      for (let discarded = 0; ; discarded++) {
        const connection = await this.acquired();
        // Some pools do not tell what they open (TypeORM's for replication): none of the old ones is left by then.
        if (discarded === MOST_DISCARDED) this.distrustedAt = -Infinity;
        if (this.trusts(connection)) {
          this.lent += 1;
          return connection;
        }
        connection.destroy();
      }
    } finally {
      this.acquiring -= 1;
    }
  }

  private trusts({ openedAt }: C): boolean {
    return openedAt >= this.distrustedAt;
  }

  private returned(): void {
    this.lent -= 1;
    this.returnedAt = performance.now();
    this.queue.shift()?.();
  }

  private async nextReturn(within: Seconds): Promise<void> {
    let resume = (): void => {};
    const returned = new Promise<void>((resolve) => this.queue.push((resume = resolve)));
    if (!(await endsWithin(within, returned))) this.queue.splice(this.queue.indexOf(resume), 1);
  }

  /** A pool that cannot grow (a password that is being changed, a server that is full) goes on with what it has. */
  private async acquired(): Promise<C> {
    const last = performance.now() + this.deadline * 1000;
    for (;;) {
      const began = performance.now();
      try {
        return await this.acquiredInTime();
      } catch (error) {
        const left = (last - performance.now()) / 1000;
        const answers = this.faults.faultOf(error) === 'refused' || !this.faults.isOfConnection(error);
        const others = this.lent > 0 || this.returnedAt >= began;
        if (!answers || !others || left <= 0) throw error;
        if (this.lent > 0) await this.nextReturn(left);
      }
    }
  }

  private acquiredInTime(): Promise<C> {
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
