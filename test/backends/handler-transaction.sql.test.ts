import { DataSource, type EntitySubscriberInterface } from 'typeorm';
import { whenCommitted } from '../../lib/backends/application-transaction';
import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { sqlBackend } from '../../lib/backends/sql/open/sql-backend-of-url';
import { silentLogger } from '../../lib/core/contract/logger';
import { jsonCodec } from '../../lib/core/payload/payload-codec';
import type { Handler } from '../../lib/core/policy/job';
import { JobEvents, type JobEventName } from '../../lib/core/policy/job-events';
import { type JobOptions, newJob } from '../../lib/core/policy/job-options';
import { WorkerGroup } from '../../lib/core/process/worker-group';
import { sleep } from '../../lib/core/time/sleep';
import { JobRunner } from '../../lib/core/worker/run/job-runner';
import { type TransactionalJob, typeOrmBackend } from '../../lib/typeorm';
import { type Cut, Proxy } from '../faults/support/proxy';
import { applicationDatabases } from '../support/application-databases';
import { coded } from '../support/coded';
import { randomPipeline } from '../support/pipelines';
import { mysqlUrl, postgresUrl, selectedBackends, selectedServers } from '../support/test-servers';
import { until } from '../support/until';

type TransactionalHandler = (job: TransactionalJob<number>) => unknown;

describe.each(selectedBackends().filter((name) => name in applicationDatabases))(
  'a handler in a transaction of %s',
  (name) => {
    let dataSource: DataSource;
    let backend: SqlBackend;
    let remove: () => Promise<unknown>;
    let pipeline: string;
    const groups: WorkerGroup[] = [];
    const happened: string[] = [];

    beforeAll(async () => {
      const database = await applicationDatabases[name]!();
      remove = () => database.remove();
      dataSource = await new DataSource(database.options).initialize();
      await dataSource.query('create table effects (job integer not null)');
      backend = typeOrmBackend({ dataSource });
      await backend.connect();
    });

    afterAll(async () => {
      await backend.close();
      await dataSource.destroy();
      await remove();
    });

    beforeEach(() => {
      pipeline = randomPipeline();
      happened.splice(0);
    });

    afterEach(async () => {
      await Promise.all(groups.splice(0).map((group) => group.drain(5)));
      await dataSource.query('delete from effects');
    });

    const add = (number: number, options?: JobOptions) =>
      backend.put(pipeline, [newJob(`${number}`, options)]);
    const effects = async () => {
      const rows = await dataSource.query<{ job: number }[]>('select job from effects order by job');
      return rows.map(({ job }) => job);
    };
    const write = ({ manager, payload }: TransactionalJob<number>) =>
      manager.query(`insert into effects (job) values (${payload})`);

    async function work(handler: TransactionalHandler, { concurrency = 1, timeout = 0, attempts = 1 } = {}) {
      const events = new JobEvents(silentLogger);
      for (const event of ['completed', 'retried', 'buried', 'lost'] as JobEventName[]) {
        events.on(event, ({ job }) => happened.push(`${event} ${job.payload}`));
      }
      const group = new WorkerGroup(backend, events, silentLogger);
      groups.push(group);
      const runner = new JobRunner({
        handler: handler as Handler,
        codec: jsonCodec,
        retry: { attempts, backoff: 0 },
        maxLost: 3,
        timeout,
        transaction: true,
      });
      await group.start({ pipeline, concurrency, prefetch: true, runner, transaction: true });
    }

    const isEmpty = async () => {
      const { ready, reserved, delayed, buried } = await backend.inspect.stats(pipeline);
      return ready + reserved + delayed + buried === 0;
    };

    it('commits what it writes together with the deletion of its job', async () => {
      await add(1);
      const seen: unknown[] = [];
      await work(async (job) => {
        await write(job);
        const { manager } = job;
        // Another connection sees neither yet; SQLite has only the queue's own one beside this.
        seen.push(manager.queryRunner?.isTransactionActive, (await backend.inspect.stats(pipeline)).reserved);
      });
      await until('the job is completed', () => happened.length === 1);
      expect(seen).toEqual([true, 1]);
      expect(happened).toEqual(['completed 1']);
      expect(await effects()).toEqual([1]);
      expect(await isEmpty()).toBe(true);
    });

    it('does so for many jobs, each once', async () => {
      const numbers = Array.from({ length: 60 }, (_, number) => number);
      await backend.put(
        pipeline,
        numbers.map((number) => newJob(`${number}`)),
      );
      await work(write, { concurrency: 5 });
      await until('all are completed', () => happened.length === numbers.length);
      expect(await effects()).toEqual(numbers);
      expect(await isEmpty()).toBe(true);
    });

    it('undoes what it wrote when it throws, and counts the attempt', async () => {
      await add(1);
      const attempts: number[] = [];
      await work(
        async (job) => {
          await write(job);
          attempts.push(job.attempt);
          if (job.attempt === 1) throw new Error('not yet');
        },
        { attempts: 2 },
      );
      await until('the job is completed', () => happened.includes('completed 1'));
      expect(happened).toEqual(['retried 1', 'completed 1']);
      expect(attempts).toEqual([1, 2]);
      expect(await effects()).toEqual([1]);
    });

    it('undoes what it wrote when it answers false, and buries the job', async () => {
      await add(1);
      await work(async (job) => {
        await write(job);
        return false;
      });
      await until('the job is buried', () => happened.length === 1);
      expect(happened).toEqual(['buried 1']);
      expect(await effects()).toEqual([]);
      expect((await backend.inspect.peek(pipeline, 'buried'))?.reason).toBe('the handler answered false');
      await backend.admin.clear(pipeline, 'buried');
    });

    it('undoes what it wrote when it takes too long', async () => {
      await add(1);
      await work(
        async (job) => {
          await write(job);
          await sleep(60, job.signal);
        },
        { timeout: 0.05 },
      );
      await until('the job is buried', () => happened.length === 1);
      expect(happened).toEqual(['buried 1']);
      expect(await effects()).toEqual([]);
      await backend.admin.clear(pipeline, 'buried');
    });

    it('undoes a transaction within its own, too, when it takes too long, and the next job runs', async () => {
      await backend.put(pipeline, [newJob('1'), newJob('2')]);
      let late: unknown;
      await work(
        async (job) => {
          if (job.payload === 2) return write(job);
          late = await job.manager
            .transaction(async (inner) => {
              await inner.query('insert into effects (job) values (1)');
              await sleep(60, job.signal);
              await until('the job is buried', () => happened.length > 0);
              await inner.query('insert into effects (job) values (3)');
            })
            .catch((error: unknown) => error);
        },
        // The second job has to end within it, too.
        { timeout: 2 },
      );
      await until(
        'both have ended, and the first has gone on',
        () => happened.length === 2 && late !== undefined,
      );
      expect(happened).toEqual(['buried 1', 'completed 2']);
      expect(late).toEqual(coded('INVALID_JOB_OPTION'));
      expect(await effects()).toEqual([2]);
      await backend.admin.clear(pipeline, 'buried');
    });

    it('is an attempt that has failed when it does not await a transaction within its own', async () => {
      await add(1);
      await work(async (job) => {
        await write(job);
        void job.manager.transaction(() => new Promise(() => undefined)).catch(() => undefined);
        await until(
          'it has begun',
          () => (job.manager.queryRunner as unknown as { transactionDepth: number }).transactionDepth === 2,
        );
      });
      await until('the job is buried', () => happened.length === 1);
      expect(happened).toEqual(['buried 1']);
      expect((await backend.inspect.peek(pipeline, 'buried'))?.reason).toContain('await it in the handler');
      expect(await effects()).toEqual([]);
      await backend.admin.clear(pipeline, 'buried');
    });

    it('cannot end its transaction itself', async () => {
      await add(1);
      let refused: unknown;
      await work(async (job) => {
        await write(job);
        refused = await Promise.resolve()
          .then(() => job.manager.queryRunner?.commitTransaction())
          .catch((error: unknown) => error);
      });
      await until('the job has ended', () => happened.length === 1);
      expect(refused).toEqual(coded('INVALID_JOB_OPTION'));
      expect([happened, await effects()]).toEqual([['completed 1'], [1]]);
    });

    it('happens once when it takes longer than the ttr', async () => {
      await add(1, { ttr: 3 });
      let runs = 0;
      await work(async (job) => {
        runs += 1;
        await write(job);
        await sleep(4);
      });
      await until('the job is completed', () => happened.length === 1);
      expect([happened, runs, await effects()]).toEqual([['completed 1'], 1, [1]]);
    });

    it('fails, and is no outage, when a subscriber of the application throws at the commit', async () => {
      const subscriber: EntitySubscriberInterface = {
        beforeTransactionCommit: () => {
          throw new Error('not today');
        },
      };
      await add(1);
      await work(async (job) => {
        await write(job);
        dataSource.subscribers.push(subscriber);
      });
      await until('the job is buried', () => happened.length === 1);
      dataSource.subscribers.splice(dataSource.subscribers.indexOf(subscriber), 1);
      expect(happened).toEqual(['buried 1']);
      expect(await effects()).toEqual([]);
      await backend.admin.clear(pipeline, 'buried');
    });

    it('writes nothing any more when it goes on after its time', async () => {
      await add(1);
      let late: unknown;
      await work(
        async (job) => {
          await sleep(60, job.signal);
          await until('the job is buried', () => happened.length === 1);
          late = await write(job).catch((error: unknown) => error);
        },
        { timeout: 0.05 },
      );
      await until('it has gone on', () => late instanceof Error);
      expect(happened).toEqual(['buried 1']);
      expect(await effects()).toEqual([]);
      await backend.admin.clear(pipeline, 'buried');
    });

    it('wakes the workers of the jobs that it adds, and calls back, after its commit', async () => {
      await add(1);
      const next = `${pipeline}-next`;
      let committed = 0;
      await work(async (job) => {
        await backend.features.transactions.put(job.manager, next, [newJob('1')]);
        await job.manager.transaction(async (inner) => {
          expect(whenCommitted(inner, () => (committed += 1))).toBe(true);
        });
        expect(committed).toBe(0);
      });
      const consumer = await backend.lease([next]);
      const { signal } = new AbortController();
      const reserved = await consumer.reserve(1, 20, signal);
      expect(reserved.map(({ payload }) => payload)).toEqual(['1']);
      await until('the commit is told', () => committed === 1);
      await consumer.settle([{ job: reserved[0]!, outcome: 'delete' }], 0);
      await consumer.close();
    });

    it('undoes what it wrote when the job is no longer ours', async () => {
      await add(1, { ttr: 2 });
      let runs = 0;
      await work(async (job) => {
        await write(job);
        runs += 1;
        // As another worker would, to which the job was given meanwhile.
        if (runs === 1)
          await job.manager.query(`update job_queue_jobs set token = 'other' where id = ${job.id}`);
      });
      await until('the job is completed', () => happened.includes('completed 1'), { within: 15 });
      expect(happened).toEqual(['lost 1', 'completed 1']);
      expect(await effects()).toEqual([1]);
    });

    it('is an ordinary attempt when the database refuses to commit', async () => {
      await add(1);
      await work(async (job) => {
        await write(job);
        await job.manager.query('insert into no_such_table (a) values (1)').catch(() => undefined);
        await job.manager.query('this is no statement');
      });
      await until('the job is buried', () => happened.length === 1);
      expect(happened).toEqual(['buried 1']);
      expect(await effects()).toEqual([]);
      await backend.admin.clear(pipeline, 'buried');
    });

    it('adds jobs that exist when its own is deleted, and only then', async () => {
      await add(1);
      const next = `${pipeline}-next`;
      await work(
        async (job) => {
          await backend.features.transactions.put(job.manager, next, [newJob(`${job.attempt}`)]);
          if (job.attempt === 1) throw new Error('not yet');
        },
        { attempts: 2 },
      );
      await until('the job is completed', () => happened.includes('completed 1'));
      expect(
        (await backend.features.listing.list(next, 'ready', { offset: 0, limit: 10 })).map(
          (job) => job.payload,
        ),
      ).toEqual(['2']);
      await backend.admin.clear(next, 'ready');
    });

    it('takes no part in a transaction of the application', async () => {
      await dataSource
        .transaction(async (manager) => {
          await work(write);
          await add(1);
          await until('the worker has the job', async () => {
            return happened.length === 1 || (await backend.inspect.stats(pipeline)).reserved === 1;
          });
          await manager.query('insert into effects (job) values (100)');
          throw new Error('rolled back');
        })
        .catch(() => undefined);
      await until('the job is completed', () => happened.length === 1);
      expect(await effects()).toEqual([1]);
    });
  },
);

for (const name of selectedServers().filter((name) => name in applicationDatabases)) {
  describe(`a handler in a transaction of ${name} whose connection breaks at the commit`, () => {
    const servers = { postgres: postgresUrl, mariadb: mysqlUrl, mysql: mysqlUrl } as Record<
      string,
      () => string
    >;

    it.each<[what: string, cut: Cut, runs: number]>([
      ['runs again, at the same attempt, when the commit has not left', 'before', 2],
      ['does not run again when only the answer was lost', 'after', 1],
    ])('%s', async (_what, cut, runs) => {
      const proxy = await Proxy.before(Number(new URL(servers[name]!()).port));
      const database = await applicationDatabases[name]!();
      const url = new URL((database.options as { url: string }).url);
      url.port = String(proxy.port);
      const dataSource = await new DataSource({ ...database.options, url: url.href } as never).initialize();
      await dataSource.query('create table effects (attempt integer not null)');
      const backend = typeOrmBackend({ dataSource });
      await backend.connect();

      const attempts: number[] = [];
      const warned: string[] = [];
      const logger = { ...silentLogger, warn: (message: string) => void warned.push(message) };
      const group = new WorkerGroup(backend, new JobEvents(logger), logger);
      const handler = async ({ manager, attempt }: TransactionalJob) => {
        attempts.push(attempt);
        await manager.query(`insert into effects (attempt) values (${attempt})`);
        if (attempts.length === 1) proxy.cutAt('COMMIT', cut);
      };
      const runner = new JobRunner({
        handler: handler as Handler,
        codec: jsonCodec,
        retry: {},
        maxLost: 3,
        timeout: 0,
        transaction: true,
      });
      await backend.put('mail', [newJob('1')]);
      await group.start({ pipeline: 'mail', concurrency: 1, prefetch: true, runner, transaction: true });
      await until('the failure is told', () => warned.length === 1);
      expect(warned[0]).toMatch(/^The transaction of job 1 of mail has failed; unless it was committed, /);
      await until('the queue is empty', async () => {
        const { ready, reserved } = await backend.inspect.stats('mail');
        return ready + reserved === 0;
      });
      await group.drain(5);
      expect(attempts).toEqual(Array.from({ length: runs }, () => 1));
      expect(await dataSource.query<unknown[]>('select attempt from effects')).toHaveLength(1);
      await backend.close();
      await dataSource.destroy();
      await database.remove();
    });
  });
}

it('a queue with a connection of its own refuses handlers in transactions', async () => {
  const backend = sqlBackend('sqlite::memory:');
  await backend.connect();
  const group = new WorkerGroup(backend, new JobEvents(silentLogger), silentLogger);
  const runner = new JobRunner({ handler: () => {}, codec: jsonCodec, retry: {}, maxLost: 3, timeout: 0 });
  const start = group.start({ pipeline: 'mail', concurrency: 1, prefetch: false, runner, transaction: true });
  await expect(start).rejects.toThrow(
    coded('UNSUPPORTED_BY_BACKEND', {
      message:
        'The sqlite backend cannot delete a job in its handler’s transaction: give the queue the application’s DataSource, typeOrmBackend(), or what runs its transactions, sqlBackend(url, { transaction: (work) => prisma.$transaction(work) }), or leave the option transaction out.',
    }),
  );
  await group.drain(0);
  await backend.close();
});
