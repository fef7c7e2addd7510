import type { Seconds } from '../../../core/contract/job-data';
import { endsWithin } from '../../../core/time/sleep';
import type { Connection, ConnectionPool } from './connections';

/** How long the server may take to say goodbye. */
const FAREWELL: Seconds = 1;

/** What is the same about the pools of all drivers. */
export interface DriverPool<Client> {
  acquire(answer: (error: Error | null | undefined, client: Client) => void): void;
  /** Tells of every connection that is made from now on. */
  watch(opened: (client: Client) => void): void;
  /** Only of a pool of the queue's own. */
  end?(): Promise<unknown>;
}

/** A connection as its pool sees it. */
export interface PooledConnection extends Connection {
  /** Calls back when it has ended, on either side. */
  onEnd(callback: () => void): void;
}

/**
 * Knows the age of a pool's connections, and leaves none of its own behind. A pool of the application's has one for all
 * queues and for good: each further one would add listeners of its own to all that they share.
 */
export class WatchedPool<Client extends object, C extends PooledConnection> implements ConnectionPool<C> {
  private readonly known = new WeakMap<Client, C>();
  private readonly open = new Set<C>();
  private readonly acquiring = new Set<Promise<unknown>>();

  constructor(
    private readonly pool: DriverPool<Client>,
    private readonly connectionFor: (client: Client, openedAt: number) => C,
  ) {
    pool.watch((client) => this.opened(client));
  }

  get keepsSpare(): boolean {
    return this.pool.end !== undefined;
  }

  acquire(): Promise<C> {
    const acquiring = new Promise<C>((resolve, reject) => {
      this.pool.acquire((error, client) => {
        this.acquiring.delete(acquiring);
        if (error) reject(error);
        else resolve(this.connectionOf(client));
      });
    });
    this.acquiring.add(acquiring);
    return acquiring;
  }

  /** For a client that the caller has borrowed from the pool; each statement has the deadline. */
  borrowed(client: Client, deadline: Seconds): C {
    const connection = this.connectionOf(client);
    connection.deadline = deadline;
    return connection;
  }

  async end(): Promise<void> {
    if (!this.pool.end) return;
    // mysql2 forgets one that is made while its pool ends, and leaves it open.
    await Promise.allSettled(this.acquiring);
    const ended = await endsWithin(FAREWELL, this.pool.end());
    if (!ended) for (const connection of this.open) connection.destroy();
  }

  private connectionOf(client: Client): C {
    return this.known.get(client) ?? this.remembered(client, -Infinity);
  }

  private opened(client: Client): void {
    const connection = this.remembered(client, performance.now());
    if (!this.pool.end) return;
    this.open.add(connection);
    connection.onEnd(() => this.open.delete(connection));
  }

  private remembered(client: Client, openedAt: number): C {
    const connection = this.connectionFor(client, openedAt);
    this.known.set(client, connection);
    return connection;
  }
}
