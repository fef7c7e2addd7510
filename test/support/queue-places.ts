import { join } from 'node:path';
import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { freshMysqlDatabase, freshPostgresDatabase } from './databases';
import { randomPipeline } from './pipelines';
import { temporaryFolder } from './temporary-folder';
import { type Backend, beanstalkdUrl } from './test-servers';

/** A queue that nobody else has; pipelines of a server that is shared have a name of their own. */
export interface QueuePlace {
  /** Its URL, for a process of its own; memory has none. */
  readonly backend: string | QueueBackend;
  readonly pipeline: string;
  remove(): Promise<unknown>;
}

export const queuePlaces: Record<Backend, () => Promise<QueuePlace>> = {
  memory: async () => ({ backend: memoryBackend(), pipeline: 'mail', remove: () => Promise.resolve() }),
  async sqlite() {
    const folder = await temporaryFolder();
    const backend = `sqlite:${join(folder.path, 'jobs.sqlite')}`;
    return { backend, pipeline: 'mail', remove: () => folder.remove() };
  },
  async postgres() {
    const database = await freshPostgresDatabase();
    return { backend: database.url, pipeline: 'mail', remove: () => database.drop() };
  },
  mariadb: mysqlPlace,
  mysql: mysqlPlace,
  beanstalkd: async () => ({
    backend: beanstalkdUrl(),
    pipeline: randomPipeline(),
    remove: () => Promise.resolve(),
  }),
};

async function mysqlPlace(): Promise<QueuePlace> {
  const database = await freshMysqlDatabase();
  return { backend: database.url, pipeline: 'mail', remove: () => database.drop() };
}
