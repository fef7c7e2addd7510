import type { EventEmitter } from 'node:events';
import { DataSource } from 'typeorm';
import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { newJob } from '../../lib/core/policy/job-options';
import { typeOrmBackend } from '../../lib/typeorm';
import { applicationDatabases } from '../support/application-databases';
import { Opened } from '../support/opened';
import { selectedServers } from '../support/test-servers';

/* Node warns of the eleventh listener of one kind as of a leak. */

const QUEUES = 11;
const names = selectedServers().filter((name) => name !== 'beanstalkd');
const opened = new Opened();

afterEach(() => opened.close());

type Lock = readonly [begin: string, lock: string, end: string];

const OF_MYSQL: Lock = ['set autocommit = 1', 'lock tables job_queue_jobs write', 'unlock tables'];
const LOCKS: Record<string, Lock> = {
  postgres: ['start transaction', 'lock table job_queue_jobs in access exclusive mode', 'rollback'],
  mariadb: OF_MYSQL,
  mysql: OF_MYSQL,
};

/** A pool of an application, and each connection that it has made. */
class SharedPool {
  private readonly clients = new Set<EventEmitter>();

  constructor(private readonly pool: EventEmitter) {
    for (const event of ['connect', 'connection'])
      pool.on(event, (client: EventEmitter) => this.clients.add(client));
  }

  /** One that was there before. */
  add(client: EventEmitter): void {
    this.clients.add(client);
  }

  /** The most listeners of one kind. */
  get most(): number {
    const emitters = [this.pool, ...[...this.clients].flatMap((client) => [client, streamOf(client)])];
    const counts = emitters.flatMap((each) => each.eventNames().map((event) => each.listenerCount(event)));
    return Math.max(...counts);
  }
}

interface Streaming {
  readonly stream?: EventEmitter;
  readonly connection?: { readonly stream: EventEmitter };
}

function streamOf(client: EventEmitter & Streaming): EventEmitter {
  return (client.stream ?? client.connection?.stream) as EventEmitter;
}

describe.each(names)('queues on one pool of %s', (name) => {
  let dataSource: DataSource;
  let pool: SharedPool;

  beforeEach(async () => {
    const database = await applicationDatabases[name]!();
    opened.add({ close: () => database.remove() });
    dataSource = await new DataSource(database.options).initialize();
    opened.add({ close: () => dataSource.destroy() });
    const driver = dataSource.driver as unknown as { master?: EventEmitter; pool?: EventEmitter };
    pool = new SharedPool((driver.master ?? driver.pool) as EventEmitter);
    const runner = dataSource.createQueryRunner();
    pool.add((await runner.connect()) as EventEmitter);
    await runner.release();
  });

  async function working(timeout?: number): Promise<SqlBackend> {
    const backend = opened.add(typeOrmBackend({ dataSource, ...(timeout !== undefined && { timeout }) }));
    await backend.connect();
    await backend.put('mail', [newJob('1')]);
    return backend;
  }

  it('leave no listener behind, one after the other', async () => {
    await (await working()).close();
    const { most } = pool;
    for (let queues = 1; queues < QUEUES; queues += 1) await (await working()).close();
    expect(pool.most).toBe(most);
  });

  it('share their listeners, all at once', async () => {
    await working();
    const { most } = pool;
    for (let queues = 1; queues < QUEUES; queues += 1) await working();
    // On connections that were made in the meantime, too.
    await Promise.all(Array.from({ length: 10 }, () => dataSource.query('select 1')));
    expect(pool.most).toBe(most);
  });

  it('give each statement in a transaction of the application their deadline', async () => {
    const patient = await working();
    const hasty = await working(0.5);
    await Promise.all(Array.from({ length: 10 }, () => patient.inspect.stats('mail')));
    const [begin, lock, end] = LOCKS[name]!;
    const locker = dataSource.createQueryRunner();
    await locker.query(begin);
    await locker.query(lock);
    const adding = dataSource.transaction((manager) =>
      hasty.features.transactions.put(manager, 'mail', [newJob('1')]),
    );
    await expect(adding).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
    await locker.query(end);
    await locker.release();
  });
});
