import { createConnection } from 'mysql2/promise';
import { DataSource, type EntityManager, type EntitySubscriberInterface } from 'typeorm';
import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { silentLogger } from '../../lib/core/contract/logger';
import { jsonCodec } from '../../lib/core/payload/payload-codec';
import type { Handler } from '../../lib/core/policy/job';
import { JobEvents, type JobEventName } from '../../lib/core/policy/job-events';
import { newJob } from '../../lib/core/policy/job-options';
import { BuryJob } from '../../lib/core/policy/outcome';
import { WorkerGroup } from '../../lib/core/process/worker-group';
import { JobRunner } from '../../lib/core/worker/run/job-runner';
import { type TransactionalJob, typeOrmBackend } from '../../lib/typeorm';
import { type ApplicationDatabase, applicationDatabases } from '../support/application-databases';
import { askMysql, askPostgres } from '../support/ask';
import { Opened } from '../support/opened';
import { mysqlUrl, postgresUrl, selectedBackends } from '../support/test-servers';
import { until } from '../support/until';

/*
 * Whatever a database does at the end of a handler's transaction, every start has exactly one end, nothing of the
 * transaction is there, and at last the job is buried.
 */

const EVENTS: readonly JobEventName[] = ['started', 'completed', 'retried', 'buried', 'lost'];

/** What a job goes through whose transaction is ended each time: `maxLost` is 3, and two of the runs are alone. */
const LOST_EACH_TIME = [
  ...['started 1', 'lost 1'],
  ...['started 1', 'lost 1'],
  ...['started 1', 'lost 1'],
  ...['started 1', 'lost 1'],
  ...['started 1', 'buried 1'],
];
const eachTime = (cause: RegExp): unknown[] => Array(4).fill(expect.stringMatching(cause));

const LOST_REASON = 'its worker was lost, or its transaction failed at its end, 4 times';

const names = selectedBackends().filter((name) => name in applicationDatabases);
const mysqls = names.filter((name) => name === 'mariadb' || name === 'mysql');
const opened = new Opened();

afterEach(() => opened.close());

interface Application {
  readonly dataSource: DataSource;
  readonly happened: string[];
  /** What the worker has logged of transactions that failed. */
  readonly failures: () => string[];
  /** Works off one job, until that has happened to it. */
  readonly works: (handler: (job: TransactionalJob) => Promise<unknown>, end: JobEventName) => Promise<void>;
  /** Works off one job; resolves with the reason why it is buried. */
  readonly buried: (handler: (job: TransactionalJob) => Promise<unknown>) => Promise<string | undefined>;
  readonly effects: () => Promise<number>;
}

async function applicationOn(name: string, further: object = {}): Promise<Application> {
  const database: ApplicationDatabase = await applicationDatabases[name]!();
  opened.add({ close: () => database.remove() });
  const dataSource = await new DataSource({ ...database.options, ...further }).initialize();
  opened.add({ close: () => dataSource.destroy() });
  await dataSource.query('create table effects (job integer not null)');
  const backend: SqlBackend = opened.add(typeOrmBackend({ dataSource }));
  await backend.connect();

  const happened: string[] = [];
  const events = new JobEvents(silentLogger);
  for (const event of EVENTS) events.on(event, ({ job }) => happened.push(`${event} ${job.attempt}`));
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const works: Application['works'] = async (handler, end) => {
    const group = new WorkerGroup(backend, events, { log, warn: log, error: log });
    opened.add({ close: () => group.drain(5) });
    await backend.put('mail', [newJob('1')]);
    const runner = new JobRunner({
      handler: handler as Handler,
      codec: jsonCodec,
      retry: { attempts: 3, backoff: 0 },
      maxLost: 3,
      timeout: 0,
      transaction: true,
    });
    await group.start({ pipeline: 'mail', concurrency: 1, prefetch: true, runner, transaction: true });
    await until(`it is ${end}`, () => happened.some((event) => event.startsWith(end)), { within: 25 });
  };
  return {
    dataSource,
    happened,
    failures: () => lines.filter((line) => line.includes('has failed')),
    works,
    async buried(handler) {
      await works(handler, 'buried');
      return (await backend.inspect.peek('mail', 'buried'))?.reason;
    },
    async effects() {
      return (await dataSource.query<unknown[]>('select job from effects')).length;
    },
  };
}

const write = ({ manager }: TransactionalJob): Promise<unknown> =>
  manager.query('insert into effects (job) values (1)');

/** How a server ends the connection of a transaction, and whether it is gone. */
interface Ends {
  readonly idOf: (manager: EntityManager) => Promise<number>;
  readonly kill: (id: number) => Promise<unknown>;
  readonly isGone: (id: number) => Promise<boolean>;
  /** How it tells, or the network. */
  readonly cause: RegExp;
}

const mysqlEnds: Ends = {
  async idOf(manager) {
    const [row] = await manager.query<{ id: string | number }[]>('select connection_id() as id');
    return Number(row?.id);
  },
  kill: (id) => askMysql(mysqlUrl(), `kill ${id}`),
  isGone: async (id) =>
    (await askMysql(mysqlUrl(), `select id from information_schema.processlist where id = ${id}`)).length ===
    0,
  cause: /Connection was killed|Connection lost|closed state/,
};

const ENDS: Partial<Record<string, Ends>> = {
  postgres: {
    async idOf(manager) {
      const [row] = await manager.query<{ id: number }[]>('select pg_backend_pid() as id');
      return Number(row?.id);
    },
    kill: (id) => askPostgres(postgresUrl(), `select pg_terminate_backend(${id})`),
    isGone: async (id) =>
      (await askPostgres(postgresUrl(), `select pid from pg_stat_activity where pid = ${id}`)).length === 0,
    cause: /terminating connection due to administrator command/,
  },
  mariadb: mysqlEnds,
  mysql: mysqlEnds,
};

const servers = names.filter((name) => name in ENDS);
for (const name of servers)
  describe(`the connection of a transaction of ${name}`, () => {
    const { idOf, kill, isGone, cause } = ENDS[name]!;

    async function killed(manager: EntityManager): Promise<void> {
      const id = await idOf(manager);
      const { databaseConnection } = manager.queryRunner as unknown as { databaseConnection: Emitter };
      const told = new Promise((resolve) => databaseConnection.once('error', resolve));
      await kill(id);
      await told;
    }

    it('may be killed at its end each time', async () => {
      const { buried, happened, failures, effects } = await applicationOn(name);
      const reason = await buried(async (job) => {
        await write(job);
        const id = await idOf(job.manager);
        await kill(id);
        await until('it is gone', () => isGone(id));
      });
      expect(happened).toEqual(LOST_EACH_TIME);
      expect(reason).toBe(LOST_REASON);
      expect(failures()).toEqual(eachTime(cause));
      expect(await effects()).toBe(0);
    }, 60_000);

    it('may be killed before a statement of the handler each time', async () => {
      const { buried, happened, failures, effects } = await applicationOn(name);
      const reason = await buried(async (job) => {
        await write(job);
        await killed(job.manager);
        await write(job);
      });
      expect(happened).toEqual(LOST_EACH_TIME);
      expect(reason).toBe(LOST_REASON);
      expect(failures()).toEqual(eachTime(cause));
      expect(await effects()).toBe(0);
    }, 60_000);

    it('may be killed once in a run that is alone: that is no evidence against its job', async () => {
      const { works, happened, effects } = await applicationOn(name);
      let starts = 0;
      await works(async (job) => {
        starts += 1;
        await write(job);
        if (starts <= 3) await killed(job.manager);
      }, 'completed');
      expect(happened).toEqual([...LOST_EACH_TIME.slice(0, 6), 'started 1', 'completed 1']);
      expect(await effects()).toBe(1);
    }, 60_000);

    it('may be killed before it begins each time', async () => {
      const { dataSource, buried, happened, failures } = await applicationOn(name);
      let starts = 0;
      const killing: EntitySubscriberInterface = {
        beforeTransactionStart: async ({ manager }) => {
          starts += 1;
          if (starts <= 2) await killed(manager);
        },
      };
      dataSource.subscribers.push(killing);
      await buried(() => Promise.reject(new BuryJob('enough')));
      expect(failures()).toEqual(Array(2).fill(expect.stringMatching(cause)));
      expect(happened).toEqual([
        ...['started 1', 'lost 1'],
        ...['started 1', 'lost 1'],
        ...['started 1', 'buried 1'],
      ]);
    }, 60_000);
  });

interface Emitter {
  once(event: 'error', listener: (error: Error) => void): unknown;
}

for (const name of mysqls)
  describe(`a transaction of ${name}`, () => {
    it('may be closed each time because it was idle for longer than wait_timeout', async () => {
      const { buried, happened, effects } = await applicationOn(name);
      const reason = await buried(async (job) => {
        await write(job);
        const id = await mysqlEnds.idOf(job.manager);
        await job.manager.query('set session wait_timeout = 1');
        await until('it is gone', () => mysqlEnds.isGone(id));
      });
      expect(happened).toEqual(LOST_EACH_TIME);
      expect(reason).toBe(LOST_REASON);
      expect(await effects()).toBe(0);
    }, 60_000);

    it('may wait in vain for a lock of its job each time', async () => {
      const { dataSource, buried, happened, effects } = await applicationOn(name);
      const { url } = dataSource.options as { url: string };
      const reason = await buried(async (job) => {
        await write(job);
        await job.manager.query('set session innodb_lock_wait_timeout = 1');
        const rival = await createConnection(url);
        await rival.query('start transaction');
        await rival.query('select id from job_queue_jobs for update');
        // Until the deletion has given up, and the queue waits to end the reservation.
        void until(
          'the queue waits',
          async () => {
            const waiting = await askMysql(
              url,
              `select id from information_schema.processlist where info like 'update%set due_at%' and db = database()`,
            );
            return waiting.length > 0;
          },
          { within: 20 },
        ).finally(() => rival.end());
      });
      expect(happened).toEqual(LOST_EACH_TIME);
      expect(reason).toBe(LOST_REASON);
      expect(await effects()).toBe(0);
    }, 60_000);
  });

for (const name of names.filter((one) => one === 'postgres'))
  describe(`a transaction of ${name}`, () => {
    it('that is idle for longer than the server allows is an attempt, and the reason says so', async () => {
      const { buried, happened, effects } = await applicationOn(name, {
        extra: { idle_in_transaction_session_timeout: 200 },
      });
      const reason = await buried(async (job) => {
        await write(job);
        const id = await ENDS[name]!.idOf(job.manager);
        await until('it is gone', () => ENDS[name]!.isGone(id));
      });
      expect(happened).toEqual([
        ...['started 1', 'retried 1'],
        ...['started 2', 'retried 2'],
        ...['started 3', 'buried 3'],
      ]);
      expect(reason).toContain('terminating connection due to idle-in-transaction timeout');
      expect(await effects()).toBe(0);
    }, 60_000);

    it('may be cancelled at its commit each time', async () => {
      const { dataSource, buried, happened, effects } = await applicationOn(name);
      await dataSource.query(`create function slow() returns trigger language plpgsql as
      $$ begin perform pg_sleep(5); return null; end $$`);
      await dataSource.query(`create constraint trigger slow after insert on effects
      deferrable initially deferred for each row execute function slow()`);
      const reason = await buried(async (job) => {
        await write(job);
        const id = await ENDS[name]!.idOf(job.manager);
        const slowly = `select 1 from pg_stat_activity where pid = ${id} and query = 'COMMIT' and wait_event = 'PgSleep'`;
        void until('it commits', async () => (await askPostgres(postgresUrl(), slowly)).length > 0).then(() =>
          askPostgres(postgresUrl(), `select pg_cancel_backend(${id})`),
        );
      });
      expect(happened).toEqual(LOST_EACH_TIME);
      expect(reason).toBe(LOST_REASON);
      expect(await effects()).toBe(0);
    }, 60_000);
  });

for (const name of names.filter((one) => one === 'postgres' || one === 'sqlite'))
  describe(`a transaction of ${name}`, () => {
    it('whose commit is refused by a deferred constraint is an attempt, and the reason says so', async () => {
      const { dataSource, buried, happened } = await applicationOn(name);
      await dataSource.query('create table parents (id integer primary key)');
      await dataSource.query(
        'create table children (parent integer references parents (id) deferrable initially deferred)',
      );
      const reason = await buried(({ manager }) => manager.query('insert into children values (7)'));
      expect(happened).toEqual([
        ...['started 1', 'retried 1'],
        ...['started 2', 'retried 2'],
        ...['started 3', 'buried 3'],
      ]);
      expect(reason).toMatch(/foreign key constraint/i);
      expect(await dataSource.query('select * from children')).toEqual([]);
    }, 60_000);
  });

for (const name of names.filter((one) => one === 'sqlite'))
  describe(`a transaction of ${name}`, () => {
    it('may fail each time because the disk is too full for its commit', async () => {
      const { dataSource, buried, happened, effects } = await applicationOn(name);
      const full: EntitySubscriberInterface = {
        beforeTransactionCommit: () => {
          throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
        },
      };
      dataSource.subscribers.push(full);
      const reason = await buried(write);
      expect(happened).toEqual(LOST_EACH_TIME);
      expect(reason).toBe(LOST_REASON);
      expect(await effects()).toBe(0);
    }, 60_000);
  });
