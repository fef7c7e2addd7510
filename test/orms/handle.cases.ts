import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import type { RunTransaction } from '../../lib/backends/sql/transactions/run-transaction';
import type { TransactingLeases } from '../../lib/core/contract/features';
import type { Leased } from '../../lib/core/contract/job-data';
import { type JobOptions, newJob } from '../../lib/core/policy/job-options';
import { coded } from '../support/coded';
import { type Library, placeFor, queueBeside, type TestedLibrary } from './library';
import type { Place } from './place';

/** Something that the other side waits for. */
class Signal {
  give = (): void => undefined;
  readonly given = new Promise<void>((resolve) => (this.give = () => resolve()));
}

/** Some libraries are installed only now. */
const MOST_MS = 300_000;

/** A handler writes in a transaction of the library, on this system. */
export function handleCases(system: string, tested: TestedLibrary): void {
  describe(`a handler in a transaction of ${tested.name} ${tested.version} on ${system}`, () => {
    let place: Place;
    let library: Library;
    let backend: SqlBackend;
    let leases: TransactingLeases;
    /** What the queue has been given; by default the library's own. */
    let runTransaction: RunTransaction;

    beforeAll(async () => {
      place = await placeFor(system, tested);
      library = await tested.open(place.application);
      backend = queueBeside(tested, place.queue, { transaction: (work) => runTransaction(work) });
      await backend.connect();
      leases = await backend.features.handlerTransactions!.lease(['orders']);
    }, MOST_MS);

    afterAll(async () => {
      await leases.close();
      await backend.close();
      await library.close();
      await place.remove();
    });

    beforeEach(() => (runTransaction = (work) => library.transaction(work)));

    afterEach(async () => {
      for (const state of ['ready', 'delayed', 'buried'] as const) await backend.admin.clear('orders', state);
      await place.ask('delete from orders');
    });

    async function reserved(options?: JobOptions): Promise<Leased> {
      await backend.put('orders', [newJob('1', options)]);
      const [job] = await leases.reserve(1, 5, new AbortController().signal);
      return job!;
    }
    const order = async (transaction: object) => void (await library.order(transaction, 1));
    const orders = async () => (await place.ask('select id from orders')).length;
    const stateOf = async ({ id }: Leased) => (await backend.inspect.find(id))?.state;
    const giveUp = (job: Leased) => leases.settle([{ job, outcome: 'delete' }], 0);

    it('commits what it writes together with the end of its job, and with jobs that it adds', async () => {
      const job = await reserved();
      const transacted = await leases.transact(job, async (transaction) => {
        await order(transaction);
        await backend.features.transactions.put(transaction, 'orders', [newJob('"next"')]);
        expect([await orders(), await stateOf(job)]).toEqual([0, 'reserved']);
      });
      expect(transacted).toEqual({ outcome: 'committed' });
      expect([await orders(), await stateOf(job)]).toEqual([1, undefined]);
      expect((await backend.inspect.peek('orders', 'ready'))?.payload).toBe('"next"');
    });

    it('keeps its job in the same commit', async () => {
      const job = await reserved();
      const keep = { for: 60, most: 10, result: '"done"', ran: 0.5, worker: 'w' };
      const transacted = await leases.transact(job, async (transaction) => {
        await order(transaction);
        return keep;
      });
      expect(transacted).toEqual({ outcome: 'committed' });
      expect((await backend.features.history.find(job.id))?.result).toBe('"done"');
    });

    it('that throws has done nothing, and its job is still held', async () => {
      const job = await reserved();
      const noMoney = new Error('no money');
      const failed = leases.transact(job, async (transaction) => {
        await order(transaction);
        await backend.features.transactions.put(transaction, 'orders', [newJob('"next"')]);
        throw noMoney;
      });
      await expect(failed).rejects.toBe(noMoney);
      expect([await orders(), await stateOf(job)]).toEqual([0, 'reserved']);
      expect(await backend.inspect.peek('orders', 'ready')).toBeUndefined();
      await giveUp(job);
    });

    it('whose statement fails has done nothing', async () => {
      const job = await reserved();
      const failed = leases.transact(job, async (transaction) => {
        await order(transaction);
        await order(transaction);
      });
      // A native driver's errors may belong to the realm of another test.
      expect(await failed.catch((error: unknown) => error)).toHaveProperty('message');
      expect([await orders(), await stateOf(job)]).toEqual([0, 'reserved']);
      await giveUp(job);
    });

    it('can have a transaction of its own in the transaction', async () => {
      const job = await reserved();
      await leases.transact(job, async (transaction) => {
        await order(transaction);
        const inner = library.savepoint(transaction, async (within) => {
          await library.order(within, 2);
          throw new Error('only this');
        });
        await expect(inner).rejects.toThrow('only this');
      });
      expect([await orders(), await stateOf(job)]).toEqual([1, undefined]);
    });

    it('whose lease is lost has done nothing', async () => {
      const job = await reserved({ ttr: 1 });
      const other = await backend.lease(['orders']);
      const [again] = await other.reserve(1, 10, new AbortController().signal);
      expect(again?.id).toBe(job.id);
      expect(await leases.transact(job, order)).toEqual({ outcome: 'lost' });
      // Whoever has it now holds it for a second, too, and on a busy machine that may be over.
      expect([await orders(), await stateOf(job)]).toEqual([0, expect.stringMatching(/^(reserved|ready)$/)]);
      await other.settle([{ job: again!, outcome: 'delete' }], 0);
      await other.close();
    });

    it('finds its transaction closed when it goes on afterwards', async () => {
      const job = await reserved();
      let kept: object = {};
      await leases.transact(job, async (transaction) => void (kept = transaction));
      await expect((async () => library.order(kept, 1))()).rejects.toThrow();
      await expect(backend.features.transactions.put(kept, 'orders', [newJob('1')])).rejects.toThrow(
        coded('INVALID_JOB_OPTION'),
      );
      expect(await orders()).toBe(0);
    });

    const refusalOf = (job: Leased, work: (transaction: object) => Promise<void>): Promise<unknown> =>
      leases.transact(job, work).catch((error: unknown) => error);
    const wrong = (words: string) =>
      coded('INVALID_CONFIGURATION', { message: expect.stringContaining(words) as string });

    it('is not run by a function that never calls it', async () => {
      runTransaction = () => Promise.resolve();
      const job = await reserved();
      const refusal = await refusalOf(job, order);
      expect(refusal).toMatchObject(wrong('without calling its work'));
      expect([await orders(), await stateOf(job)]).toEqual([0, 'reserved']);
      await giveUp(job);
    });

    it('is run once by a function that calls it twice', async () => {
      runTransaction = (work) =>
        library.transaction(async (transaction) => {
          await work(transaction);
          await work(transaction);
        });
      const job = await reserved();
      let runs = 0;
      const refusal = await refusalOf(job, async (transaction) => {
        runs += 1;
        await order(transaction);
      });
      expect(refusal).toMatchObject(wrong('more than once'));
      expect([runs, await orders(), await stateOf(job)]).toEqual([1, 0, 'reserved']);
      await giveUp(job);
    });

    it('has done nothing when its error is swallowed, and the transaction commits', async () => {
      runTransaction = (work) =>
        library.transaction((transaction) => work(transaction).catch(() => undefined)).catch(() => undefined);
      const job = await reserved();
      const refusal = await refusalOf(job, async (transaction) => {
        await order(transaction);
        throw new Error('no money');
      });
      expect(refusal).toMatchObject(wrong('although its work had failed'));
      expect(await orders()).toBe(tested.noSavepointsOn === system ? 1 : 0);
      expect(await stateOf(job)).toBe('reserved');
      await giveUp(job);
    });

    it('is refused when the function ends before it, and writes nothing afterwards', async () => {
      const [begun, over, worked] = [new Signal(), new Signal(), new Signal()];
      runTransaction = (work) =>
        library.transaction(async (transaction) => {
          void work(transaction).then(worked.give, worked.give);
          await begun.given;
        });
      const job = await reserved();
      let late: unknown;
      const refusal = await refusalOf(job, async (transaction) => {
        begun.give();
        await over.given;
        late = await order(transaction).catch((error: unknown) => error);
      });
      expect(refusal).toMatchObject(wrong('ended before its work had'));
      over.give();
      await worked.given;
      expect(late).toHaveProperty('message');
      expect([await orders(), await stateOf(job)]).toEqual([0, 'reserved']);
      await giveUp(job);
    });

    it('is not begun where the function ends at once, which leaves no transaction open', async () => {
      const worked = new Signal();
      runTransaction = (work) =>
        library.transaction(async (transaction) => {
          void work(transaction).then(worked.give, worked.give);
        });
      const job = await reserved();
      expect(await refusalOf(job, order)).toMatchObject({ code: 'INVALID_CONFIGURATION' });
      await worked.given;
      expect([await orders(), await stateOf(job)]).toEqual([0, 'reserved']);
      runTransaction = (work) => library.transaction(work);
      expect(await leases.transact(job, order)).toEqual({ outcome: 'committed' });
      expect([await orders(), await stateOf(job)]).toEqual([1, undefined]);
    });

    it('is told of what the function throws after its commit, and does not run again', async () => {
      runTransaction = async (work) => {
        await library.transaction(work);
        throw new TypeError('a mistake behind it');
      };
      const job = await reserved();
      await expect(leases.transact(job, order)).rejects.toThrow('a mistake behind it');
      expect([await orders(), await stateOf(job)]).toEqual([1, undefined]);
    });

    it('is not run where the function begins none', async () => {
      runTransaction = (work) => work(library.outside);
      const job = await reserved();
      let runs = 0;
      await expect(leases.transact(job, async () => void (runs += 1))).rejects.toThrow(
        coded('INVALID_JOB_OPTION'),
      );
      expect([runs, await stateOf(job)]).toEqual([0, 'reserved']);
      await giveUp(job);
    });
  });
}
