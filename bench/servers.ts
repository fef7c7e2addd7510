import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freshMysqlDatabase, freshPostgresDatabase } from '../test/support/databases';
import { startBeanstalkd } from '../test/support/servers/beanstalkd';
import { startMariadb } from '../test/support/servers/mariadb';
import { startMysql } from '../test/support/servers/mysql';
import { startPostgres } from '../test/support/servers/postgres';
import type { PrivateServer } from '../test/support/servers/private-server';
import { temporaryFolder } from '../test/support/temporary-folder';
import { type Entry, serverOf } from './catalogue';
import { startRedis } from './redis';

/** Where one measurement's jobs are; nobody else's are there. */
export interface Queue {
  readonly url: string;
  /** Undefined for a SQLite file. */
  readonly serverPid: number | undefined;
  drop(): Promise<void>;
}

/** Those that take seconds to start: all measurements share one, each with a database of its own. */
const shared = { postgres: startPostgres, mysql: startMariadb, 'mysql-itself': startMysql };
type Shared = keyof typeof shared;

/** Private servers with their durable defaults, the same ones for us and for the peers. */
export class Servers {
  private readonly running = new Map<Shared, PrivateServer>();

  /** Starts what these contenders need. */
  async start(entries: readonly Entry[]): Promise<void> {
    const needed = new Set(entries.map(serverOf));
    for (const name of Object.keys(shared) as Shared[]) {
      // One after the other: each may have to be installed.
      if (needed.has(name)) this.running.set(name, await shared[name]());
    }
    // What making them left in memory would be written out beneath the first measurements, and slow their commits down.
    await promisify(execFile)('sync');
  }

  async stop(): Promise<void> {
    await Promise.all(Array.from(this.running.values(), (server) => server.remove()));
  }

  urlOf(name: Shared): string | undefined {
    return this.running.get(name)?.url;
  }

  /** A new, empty place for the contender's jobs. */
  async freshQueue(entry: Entry): Promise<Queue> {
    const server = serverOf(entry);
    switch (server) {
      case undefined:
        return freshFile();
      case 'postgres':
        return { ...(await freshPostgresDatabase(this.urlOf(server))), serverPid: this.pidOf(server) };
      case 'mysql':
      case 'mysql-itself':
        return { ...(await freshMysqlDatabase(this.urlOf(server))), serverPid: this.pidOf(server) };
      case 'beanstalkd':
        return queueOn(await startBeanstalkd());
      case 'redis-everysec':
        return queueOn(await startRedis('everysec'));
      case 'redis-always':
        return queueOn(await startRedis('always'));
    }
  }

  private pidOf(name: Shared): number | undefined {
    return this.running.get(name)?.pid;
  }
}

function queueOn(server: PrivateServer): Queue {
  return { url: server.url, serverPid: server.pid, drop: () => server.remove() };
}

async function freshFile(): Promise<Queue> {
  const folder = await temporaryFolder('bench');
  const url = `sqlite:${join(folder.path, 'jobs.sqlite')}`;
  return { url, serverPid: undefined, drop: () => folder.remove() };
}
