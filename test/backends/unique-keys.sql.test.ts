import { DataSource } from 'typeorm';
import { openBackend } from '../../lib/backends/open-backend';
import type { UniqueStore } from '../../lib/backends/sql/engine/dialect';
import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import type { NewJob } from '../../lib/core/contract/job-data';
import { newJob } from '../../lib/core/policy/job-options';
import { typeOrmBackend } from '../../lib/typeorm';
import { applicationDatabases } from '../support/application-databases';
import { Opened } from '../support/opened';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';

const keyed = (payload: string, key: string): NewJob => newJob(payload, { unique: key });

describe.each(selectedBackends().filter((name) => name in applicationDatabases))(
  'unique keys on %s',
  (name) => {
    const opened = new Opened();
    let dataSource: DataSource;
    let backend: SqlBackend;
    let remove: () => Promise<unknown>;

    beforeAll(async () => {
      const database = await applicationDatabases[name]!();
      remove = () => database.remove();
      dataSource = await new DataSource(database.options).initialize();
      backend = opened.add(typeOrmBackend({ dataSource }));
      await backend.connect();
    });
    afterAll(async () => {
      await opened.close();
      await dataSource.destroy();
      await remove();
    });
    afterEach(async () => {
      for (const state of ['ready', 'delayed', 'buried'] as const) await backend.admin.clear('orders', state);
      await dataSource.query('delete from job_queue_jobs_keys');
    });

    const ready = async () => (await backend.inspect.stats('orders')).ready;
    const within = (manager: unknown, ...jobs: NewJob[]) =>
      backend.features.transactions.put(manager, 'orders', jobs);

    it('a call stores all of its jobs or none', async () => {
      await backend.put('orders', [keyed('1', 'a')]);
      const bad = { ...keyed('3', 'c'), priority: -1 };
      await expect(backend.put('orders', [keyed('2', 'b'), newJob('plain'), bad])).rejects.toMatchObject({
        code: 'BACKEND_REFUSED',
      });
      expect(await ready()).toBe(1);
      expect(await backend.put('orders', [keyed('2', 'b')])).toMatchObject([{ existed: false }]);
    });

    it('calls that go together are stored except for the one that is refused', async () => {
      const puts = Array.from({ length: 20 }, (_, number) =>
        backend.put('orders', [{ ...keyed('1', `key ${number}`), priority: number === 7 ? -1 : 0 }]),
      );
      const calls = await Promise.allSettled(puts);
      expect(calls.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([7]);
      expect(await ready()).toBe(19);
    });

    it('calls of several pipelines that go together keep their keys apart', async () => {
      const pipelines = ['orders', 'returns', 'orders', 'returns'];
      const calls = await Promise.all(pipelines.map((pipeline) => backend.put(pipeline, [keyed('1', 'a')])));
      const [order, refund, sameOrder, sameRefund] = calls.map(([one]) => one?.id);
      expect([sameOrder, sameRefund]).toEqual([order, refund]);
      expect(refund).not.toBe(order);
      expect(calls.map(([one]) => one?.existed)).toEqual([false, false, true, true]);
      await backend.admin.clear('returns', 'ready');
    });

    it('a job in a transaction exists when that commits, and wakes a worker then', async () => {
      const leases = await backend.lease(['orders']);
      const waiting = leases.reserve(1, 20, new AbortController().signal);
      const [first, again] = await dataSource.transaction(async (manager) => {
        const results = await within(manager, keyed('1', 'a'));
        expect(await ready()).toBe(0);
        return [...results, ...(await within(manager, keyed('2', 'a')))];
      });
      expect(first).toMatchObject({ existed: false });
      expect(again).toEqual({ id: first?.id, existed: true });
      expect(await waiting).toMatchObject([{ id: first?.id, payload: '1' }]);
      await leases.close();
    });

    it('a key is free again when the transaction that has put it is rolled back', async () => {
      const failed = dataSource.transaction(async (manager) => {
        await within(manager, keyed('1', 'a'), keyed('2', 'b'));
        throw new Error('no money');
      });
      await expect(failed).rejects.toThrow('no money');
      expect(await ready()).toBe(0);
      expect(await backend.put('orders', [keyed('3', 'a')])).toMatchObject([{ existed: false }]);
      expect(await backend.features.uniqueKeys.find('orders', 'b')).toBeUndefined();
    });

    it('a transaction sees that a job was done since it began, and the one that was added then', async () => {
      const [done] = await backend.put('orders', [keyed('1', 'a')]);
      await dataSource.transaction(async (manager) => {
        // SQLite has one writer, and its reader keeps nobody waiting.
        if (name !== 'sqlite') await manager.query('select count(*) from job_queue_jobs');
        expect(await backend.admin.discard(done!.id)).toBe(true);
        const [added] = await within(manager, keyed('2', 'a'));
        expect(added).toMatchObject({ existed: false });
        const [kept] = await within(manager, keyed('3', 'a'));
        expect(kept).toEqual({ id: added?.id, existed: true });
      });
      expect(await ready()).toBe(1);
    });

    it('a job of a transaction is replaced in it, and one that was there is', async () => {
      const [there] = await backend.put('orders', [keyed('1', 'a')]);
      const replacing = (payload: string, key: string) =>
        newJob(payload, { unique: { key, onConflict: 'replace' }, delay: 60 });
      const [own] = await dataSource.transaction(async (manager) => {
        const results = await within(manager, keyed('1', 'b'));
        expect(await within(manager, replacing('2', 'a'), replacing('2', 'b'))).toEqual([
          { id: there?.id, existed: true },
          { id: results[0]?.id, existed: true },
        ]);
        return results;
      });
      for (const { id } of [there!, own!])
        expect(await backend.inspect.find(id)).toMatchObject({ payload: '2', state: 'delayed' });
    });

    it('of several jobs those are stored whose keys nobody has, whatever the calls before have met', async () => {
      const keysOf = (text: string) => text.split(' ').map((key) => keyed(key, key));
      const stored = new Map<string, string>();
      for (const text of ['d b', 'c e a', 'e f d', 'g b', 'h i', 'k j', 'a l']) {
        const results = await backend.put('orders', keysOf(text));
        for (const [index, key] of text.split(' ').entries()) {
          const { id, existed } = results[index]!;
          expect({ key, id, existed }).toEqual({ key, id: stored.get(key) ?? id, existed: stored.has(key) });
          stored.set(key, id);
          expect(await backend.inspect.find(id)).toMatchObject({ payload: key });
          expect(await backend.features.uniqueKeys.find('orders', key)).toBe(id);
        }
        expect(await ready()).toBe(stored.size);
      }
    });

    it('keys of jobs that have ended are fresh again', async () => {
      for (const round of ['1', '2', '3']) {
        const results = await backend.put('orders', [keyed(round, 'b'), keyed(round, 'a')]);
        expect(results).toMatchObject([{ existed: false }, { existed: false }]);
        for (const { id } of results) expect(await backend.admin.discard(id)).toBe(true);
      }
      expect(await ready()).toBe(0);
    });

    if (name === 'sqlite') {
      it('each job has its own id beside a trigger that adds jobs', async () => {
        await dataSource.query(`create trigger beside after insert on job_queue_jobs when new.pipeline = 'orders'
begin insert into job_queue_jobs (pipeline, payload) values ('beside', new.payload); end`);
        const results = await backend.put('orders', [keyed('1', 'a'), keyed('2', 'b'), keyed('3', 'c')]);
        await dataSource.query('drop trigger beside');
        await backend.admin.clear('beside', 'ready');
        for (const [index, { id, existed }] of results.entries()) {
          expect(existed).toBe(false);
          expect(await backend.inspect.find(id)).toMatchObject({ payload: `${index + 1}` });
        }
      });
    }

    if (name !== 'sqlite') {
      it('a second transaction waits for the first one, and adds the job when that is rolled back', async () => {
        const runner = dataSource.createQueryRunner();
        await runner.startTransaction();
        await within(runner, keyed('1', 'a'));
        const second = dataSource.transaction((manager) => within(manager, keyed('2', 'a')));
        const third = backend.put('orders', [keyed('3', 'a')]);
        await runner.rollbackTransaction();
        await runner.release();
        const results = [...(await second), ...(await third)];
        expect(results.filter(({ existed }) => !existed)).toHaveLength(1);
        expect(new Set(results.map(({ id }) => id)).size).toBe(1);
        expect(await ready()).toBe(1);
      });

      it('a transaction with a key holds up no add of another key', async () => {
        const other = opened.add(await openBackend(String((dataSource.options as { url?: string }).url)));
        await other.connect();
        const runner = dataSource.createQueryRunner();
        await runner.startTransaction();
        await within(runner, ...['b', 'd', 'f'].map((key) => keyed('1', key)));
        const others = ['a', 'c', 'e', 'g', 'bb', ''].map((key) => `${key}x`);
        for (const key of others)
          expect(await other.put('orders', [keyed('2', key)])).toMatchObject([{ existed: false }]);
        expect(await other.put('orders', [newJob('plain')])).toHaveLength(1);
        await runner.commitTransaction();
        await runner.release();
      });

      it('as many transactions as the pool has connections wait for nothing but each other', async () => {
        const puts = Array.from({ length: 30 }, (_, index) =>
          dataSource.transaction((manager) => within(manager, keyed(`${index}`, `key ${index % 3}`))),
        );
        const ids = (await Promise.all(puts)).flat().map(({ id }) => id);
        expect(new Set(ids).size).toBe(3);
        expect(await ready()).toBe(3);
      });
    }

    it('rows of keys that nobody needs any more are deleted, and no others', async () => {
      const rows = async () =>
        (await dataSource.query<unknown[]>('select 1 from job_queue_jobs_keys')).length;
      const { dialect } = (backend as unknown as { connected: { dialect: { unique: UniqueStore } } })
        .connected;
      const throttled = (key: string, time: number) => newJob('1', { unique: { key, for: time } });
      await backend.put('orders', [throttled('short', 0.001), throttled('long', 60), keyed('1', 'plain')]);
      const [gone] = await backend.put('orders', [keyed('1', 'gone')]);
      await backend.admin.discard(gone!.id);
      await backend.admin.discard((await backend.features.uniqueKeys.find('orders', 'short'))!);
      // On MySQL every key has a row, that of a job which is there too; on the others only those with a time.
      const left = name === 'mariadb' || name === 'mysql' ? 2 : 1;
      await until('the dead ones are gone', async () => {
        await dialect.unique.prune();
        return (await rows()) === left;
      });
      expect(await backend.put('orders', [throttled('long', 60), keyed('2', 'plain')])).toMatchObject([
        { existed: true },
        { existed: true },
      ]);
    });
  },
);
