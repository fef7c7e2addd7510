import { DataSource } from 'typeorm';
import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import type { Leases } from '../../lib/core/contract/leases';
import { newJob } from '../../lib/core/policy/job-options';
import { typeOrmBackend } from '../../lib/typeorm';
import { applicationDatabases } from '../support/application-databases';
import { coded } from '../support/coded';
import { selectedBackends } from '../support/test-servers';

describe.each(selectedBackends().filter((name) => name in applicationDatabases))(
  'a put in a transaction of %s',
  (name) => {
    let dataSource: DataSource;
    let backend: SqlBackend;
    let consumer: Leases;
    let remove: () => Promise<unknown>;

    beforeAll(async () => {
      const database = await applicationDatabases[name]!();
      remove = () => database.remove();
      dataSource = await new DataSource(database.options).initialize();
      await dataSource.query('create table orders (id integer primary key)');
      backend = typeOrmBackend({ dataSource });
      await backend.connect();
      consumer = await backend.lease(['orders']);
    });

    afterAll(async () => {
      await consumer.close();
      await backend.close();
      await dataSource.destroy();
      await remove();
    });

    afterEach(async () => {
      await backend.admin.clear('orders', 'ready');
      await dataSource.query('delete from orders');
    });

    const orders = async () => (await dataSource.query<unknown[]>('select id from orders')).length;
    const ready = async () => (await backend.inspect.stats('orders')).ready;

    it('exists when the transaction commits, not before, and wakes a worker then', async () => {
      const waiting = consumer.reserve(1, 20, new AbortController().signal);
      const [added] = await dataSource.transaction(async (manager) => {
        await manager.query('insert into orders (id) values (1)');
        const results = await backend.features.transactions.put(manager, 'orders', [newJob('1')]);
        expect(await ready()).toBe(0);
        return results;
      });
      const reserved = await waiting;
      expect(reserved).toMatchObject([{ id: added?.id, payload: '1' }]);
      expect(await orders()).toBe(1);
      await consumer.settle([{ job: reserved[0]!, outcome: 'delete' }], 0);
    });

    it('holds up no read of its own transaction, even when another put waits for that', async () => {
      const [jobs, other] = await dataSource.transaction(async (manager) => {
        await backend.features.transactions.put(manager, 'orders', [newJob('1')]);
        // SQLite has one writer: this one waits for the end of the transaction.
        const waiting = backend.put('orders', [newJob('2')]);
        return [await backend.inspect.find('1000'), waiting.then((ids) => ids.length)];
      });
      expect([jobs, await other]).toEqual([undefined, 1]);
      expect(await ready()).toBe(2);
    });

    it('is gone with the transaction that is rolled back', async () => {
      const failed = dataSource.transaction(async (manager) => {
        await manager.query('insert into orders (id) values (1)');
        await backend.features.transactions.put(manager, 'orders', [newJob('1'), newJob('2', { delay: 60 })]);
        throw new Error('no money');
      });
      await expect(failed).rejects.toThrow('no money');
      expect([await orders(), await ready()]).toEqual([0, 0]);
      expect(await backend.inspect.pipelines()).toEqual([]);
    });

    it('takes a QueryRunner as well, and more jobs than fit in one statement', async () => {
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      const jobs = Array.from({ length: 2500 }, (_, n) => newJob(String(n)));
      const added = await backend.features.transactions.put(runner, 'orders', jobs);
      await runner.commitTransaction();
      await runner.release();
      expect(new Set(added.map(({ id }) => id)).size).toBe(2500);
      expect(await ready()).toBe(2500);
    });

    it('is refused without a transaction under way', async () => {
      for (const none of [dataSource.manager, dataSource.createQueryRunner(), {}, null, 'manager']) {
        await expect(backend.features.transactions.put(none, 'orders', [newJob('1')])).rejects.toThrow(
          coded('INVALID_JOB_OPTION'),
        );
      }
      expect(await ready()).toBe(0);
    });
  },
);
