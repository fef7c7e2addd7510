import type { Seconds } from '../../../core/contract/job-data';
import type { Connection, ConnectionPool } from './connections';
import { driverErrorOf } from './driver-error';

export interface HostPool<P> {
  /** As in the URL: `host:port`. */
  readonly name: string;
  readonly pool: P;
}

/** No host of several is reached and takes writes. */
export class NoWritableHostError extends Error {
  readonly code = 'ECONNREFUSED';
}

/**
 * One pool for each host; the first that takes writes is in use. Every new connection is asked whether it takes writes,
 * so that after a fail-over the next host is tried as soon as the connections to the old one are given up.
 */
export class SeveralHosts<C extends Connection, P extends ConnectionPool<C>> implements ConnectionPool<C> {
  /** A connection that is kept would stay with a host which the others have left. */
  readonly keepsSpare = false;
  private position = 0;
  private readonly writable = new WeakSet<C>();

  constructor(
    private readonly hosts: readonly HostPool<P>[],
    private readonly takesWrites: (connection: C) => Promise<boolean>,
    private readonly deadline: Seconds,
  ) {}

  /** The one in use. */
  get current(): P {
    return (this.hosts[this.position] as HostPool<P>).pool;
  }

  async acquire(): Promise<C> {
    const problems: string[] = [];
    while (problems.length < this.hosts.length) {
      const tried = this.position;
      const { name, pool } = this.hosts[tried] as HostPool<P>;
      try {
        const connection = await pool.acquire();
        if (this.writable.has(connection) || (await this.isWritable(connection))) return connection;
        connection.destroy();
        problems.push(`${name} takes no writes`);
      } catch (error) {
        problems.push(`${name}: ${driverErrorOf(error).message}`);
      }
      // Unless another call has moved on already.
      if (this.position === tried) this.position = (tried + 1) % this.hosts.length;
    }
    throw new NoWritableHostError(problems.join('; '));
  }

  async end(): Promise<void> {
    await Promise.all(this.hosts.map(({ pool }) => pool.end()));
  }

  private async isWritable(connection: C): Promise<boolean> {
    connection.deadline = this.deadline;
    try {
      if (!(await this.takesWrites(connection))) return false;
    } catch (error) {
      connection.destroy();
      throw error;
    }
    this.writable.add(connection);
    return true;
  }
}
