import { inspect } from 'node:util';
import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import type { NewJob } from '../../lib/core/contract/job-data';
import type { Leases } from '../../lib/core/contract/leases';
import type { NewSchedule } from '../../lib/core/contract/ports/schedules';
import { newJob } from '../../lib/core/policy/job-options';
import { coded } from '../support/coded';
import { type Library, placeFor, queueBeside, type TestedLibrary } from './library';
import type { Place } from './place';

/** What a library or a server may take for something else than text. */
const STRANGE = JSON.stringify({ text: 'O\'Hara \\ "q" ? ?? $1 :name %s `x` {a,b} NULL \u{1F600}' });

function withoutDelay({ delay: _, ...job }: NewJob): Omit<NewJob, 'delay'> {
  return job;
}

/** Some libraries are installed only now. */
const MOST_MS = 300_000;

/** A job is a part of the transaction of the library, on this system. */
export function addCases(system: string, tested: TestedLibrary): void {
  describe(`a job in a transaction of ${tested.name} ${tested.version} on ${system}`, () => {
    let place: Place;
    let backend: SqlBackend;
    let library: Library;
    let consumer: Leases;

    beforeAll(async () => {
      place = await placeFor(system, tested);
      backend = queueBeside(tested, place.queue);
      await backend.connect();
      consumer = await backend.lease(['orders']);
      library = await tested.open(place.application);
    }, MOST_MS);

    afterAll(async () => {
      await consumer.close();
      await backend.close();
      await library.close();
      await place.remove();
    });

    afterEach(async () => {
      for (const state of ['ready', 'delayed', 'buried'] as const) await backend.admin.clear('orders', state);
      await place.ask('delete from orders');
    });

    const put = (transaction: unknown, ...jobs: Parameters<typeof newJob>[]) =>
      backend.features.transactions.put(
        transaction,
        'orders',
        jobs.map((job) => newJob(...job)),
      );
    const ready = async () => (await backend.inspect.stats('orders')).ready;
    const orders = async () => (await place.ask('select id from orders')).length;

    it('exists when it commits, not before, and a waiting worker gets it', async () => {
      const waiting = consumer.reserve(1, 20, new AbortController().signal);
      const [added] = await library.transaction(async (transaction) => {
        await library.order(transaction, 1);
        const results = await put(transaction, [STRANGE]);
        expect(await ready()).toBe(0);
        return results;
      });
      const [job] = await waiting;
      expect(job).toMatchObject({ id: added?.id, payload: STRANGE });
      expect(await orders()).toBe(1);
      await consumer.settle([{ job: job!, outcome: 'delete' }], 0);
    });

    it('is gone with a transaction that is rolled back', async () => {
      const failed = library.transaction(async (transaction) => {
        await library.order(transaction, 1);
        await put(transaction, ['1'], ['2', { delay: 60 }]);
        throw new Error('no money');
      });
      await expect(failed).rejects.toThrow('no money');
      expect([await orders(), await ready()]).toEqual([0, 0]);
      expect(await backend.inspect.pipelines()).toEqual([]);
    });

    it('is gone with a savepoint that is rolled back, and the one before it stays', async () => {
      await library.transaction(async (transaction) => {
        await put(transaction, ['"outer"']);
        const inner = library.savepoint(transaction, async (within) => {
          await put(within, ['"inner"']);
          throw new Error('only this');
        });
        await expect(inner).rejects.toThrow('only this');
      });
      expect(await ready()).toBe(1);
      expect((await backend.inspect.peek('orders', 'ready'))?.payload).toBe('"outer"');
    });

    it('is as it was put, alone and with others, in the order of the ids', async () => {
      const [one, ...others] = await library.transaction(async (transaction) => [
        ...(await put(transaction, ['"a"', { delay: 30, priority: 7, ttr: 9 }])),
        ...(await put(
          transaction,
          [STRANGE, { delay: '10m', backoff: '1s' }],
          ['"c"', { priority: 4294967295 }],
          ['"d"'],
        )),
      ]);
      const found = await Promise.all([one, ...others].map((result) => backend.inspect.find(result!.id)));
      expect(found).toMatchObject([
        { payload: '"a"', state: 'delayed', priority: 7, ttr: 9 },
        { payload: STRANGE, state: 'delayed', priority: 1024, ttr: 60 },
        { payload: '"c"', state: 'ready', priority: 4294967295 },
        { payload: '"d"', state: 'ready', priority: 1024 },
      ]);
    });

    it('is one of more than fit in a statement', async () => {
      const jobs = Array.from({ length: 1500 }, (_, n): [string] => [String(n)]);
      const results = await library.transaction((transaction) => put(transaction, ...jobs));
      expect(new Set(results.map(({ id }) => id)).size).toBe(1500);
      expect(await ready()).toBe(1500);
    });

    it('holds its unique key from the commit on', async () => {
      const keyed = (payload: string, onConflict: 'keep' | 'replace' = 'keep'): Parameters<typeof newJob> => [
        payload,
        { unique: { key: "order ' \\ ? 1", onConflict } },
      ];
      const [first, second, third, other] = await library.transaction(async (transaction) => [
        ...(await put(transaction, keyed('1'))),
        ...(await put(transaction, keyed('2'))),
        ...(await put(transaction, keyed('3', 'replace'), ['4', { unique: 'order 2' }])),
      ]);
      expect(first).toEqual({ id: expect.stringMatching(/^\d+$/) as string, existed: false });
      expect([second, third]).toEqual([
        { id: first?.id, existed: true },
        { id: first?.id, existed: true },
      ]);
      expect(other?.existed).toBe(false);
      expect((await backend.inspect.find(first!.id))?.payload).toBe('3');
      const [later] = await library.transaction((transaction) => put(transaction, keyed('5')));
      expect(later).toEqual({ id: first?.id, existed: true });
    });

    it('comes from a schedule that is set, run, paused or removed with it', async () => {
      const { schedules, scheduleTransactions } = backend.features;
      const yearly = (name: string): NewSchedule => ({
        ...withoutDelay(newJob(STRANGE)),
        ...{ name, pipeline: 'orders', cron: '0 0 1 1 *', timeZone: 'UTC' },
        ...{ missed: 'once', overlap: false, source: 'api' },
      });
      await schedules.set(yearly('old'));
      const failed = library.transaction(async (transaction) => {
        const within = scheduleTransactions.within(transaction);
        await within.set(yearly('new'));
        await within.run('new');
        await within.pause('new');
        await within.remove('old');
        throw new Error('no money');
      });
      await expect(failed).rejects.toThrow('no money');
      expect((await schedules.list({ offset: 0, limit: 10 })).map(({ name }) => name)).toEqual(['old']);
      expect(await ready()).toBe(0);
      const ran = await library.transaction(async (transaction) => {
        const within = scheduleTransactions.within(transaction);
        await within.set(yearly('new'));
        expect([await within.pause('new'), await within.remove('old')]).toEqual([true, true]);
        expect([await within.resume('old'), await within.resume('new')]).toEqual([false, true]);
        await within.run('new');
        const again = await within.run('new');
        expect(await schedules.find('new')).toBeUndefined();
        return again;
      });
      const [found, ...others] = await schedules.list({ offset: 0, limit: 10 });
      expect(found).toMatchObject({ ...yearly('new'), paused: false, last: expect.any(Date) as Date });
      expect(others).toEqual([]);
      expect(await backend.inspect.find(ran!.id)).toMatchObject({ payload: STRANGE, state: 'ready' });
      expect(ran?.existed).toBe(true);
      expect(await schedules.remove('new')).toBe(true);
    });

    it('is refused when no transaction is under way, or it has ended, and nothing is stored', async () => {
      const ended = await library.transaction((transaction) => Promise.resolve({ transaction }));
      for (const none of [library.outside, ended.transaction])
        await expect(put(none, ['1'])).rejects.toThrow(coded('INVALID_JOB_OPTION'));
      expect(await ready()).toBe(0);
    });

    it('that the database does not take says why, and nothing of its payload', async () => {
      const broken = queueBeside(tested, place.queue, { table: 'broken' });
      await broken.connect();
      await place.ask('drop table broken');
      let refusal: unknown;
      const failed = library.transaction(async (transaction) => {
        refusal = await broken.features.transactions
          .put(transaction, 'orders', [newJob('"secret"')])
          .catch((error: unknown) => error);
        throw new Error('rolled back');
      });
      await expect(failed).rejects.toThrow();
      expect(refusal).toMatchObject({
        code: 'BACKEND_REFUSED',
        message: expect.stringContaining('broken') as string,
      });
      expect(inspect(refusal, { depth: 10 })).not.toContain('secret');
      await broken.close();
    });

    it('is refused in a transaction of another database, which stays as it was', async () => {
      const other = await placeFor(system, tested);
      const stranger = await tested.open(other.application);
      await stranger.transaction(async (transaction) => {
        await stranger.order(transaction, 1);
        await expect(put(transaction, ['1'])).rejects.toThrow(
          coded('INVALID_JOB_OPTION', { message: expect.stringContaining('and the queue in') as string }),
        );
      });
      expect(await other.ask('select id from orders')).toHaveLength(1);
      expect(await ready()).toBe(0);
      await stranger.close();
      await other.remove();
    });
  });
}
