import { join } from 'node:path';
import { freshMysqlDatabase, freshPostgresDatabase } from '../../../test/support/databases';
import { beanstalkdUrl } from '../../../test/support/test-servers';

/** A system that keeps jobs. */
export interface System {
  readonly title: string;
  /** An empty queue for one run; `folder` is where files may go. The system's server is running. */
  freshQueue(folder: string): Promise<FreshQueue>;
}

export interface FreshQueue {
  readonly url: string;
  drop(): Promise<void>;
}

/** By the names that the tests use; the order is that of the runs. */
export const SYSTEMS = {
  sqlite: { title: 'SQLite', freshQueue: async (folder) => lasting(`sqlite:${join(folder, 'jobs.sqlite')}`) },
  postgres: { title: 'PostgreSQL', freshQueue: () => freshPostgresDatabase() },
  mariadb: { title: 'MariaDB', freshQueue: () => freshMysqlDatabase() },
  beanstalkd: { title: 'beanstalkd', freshQueue: async () => lasting(beanstalkdUrl()) },
} satisfies Record<string, System>;

export type SystemName = keyof typeof SYSTEMS;

/** A queue that may stay: the next run empties it. */
function lasting(url: string): FreshQueue {
  return { url, drop: () => Promise.resolve() };
}
