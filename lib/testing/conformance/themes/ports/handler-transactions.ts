import assert from 'node:assert/strict';
import type { Theme } from '../../conformance-case';
import { PATIENCE } from '../../timing';

/* No case is slow: those run together, and some systems have one transaction at a time. */
export const handlerTransactions: Theme = {
  name: 'handlerTransactions',
  port: 'handlerTransactions',
  cases: {
    'what the work writes and the deletion of its job commit together': async (queue) => {
      const { application, backend, pipeline } = queue;
      const [id] = await queue.put({});
      const leases = await queue.leaseTransacting();
      const job = await leases.reserveOne();
      const transacted = await leases.transact(job, async (transaction) => {
        await application.write(transaction, pipeline);
        assert.equal((await backend.inspect.find(id!))?.state, 'reserved');
      });
      assert.deepEqual(transacted, { outcome: 'committed' });
      assert.equal(await backend.inspect.find(id!), undefined);
      assert.equal(await application.wrote(pipeline), true);
      assert.deepEqual(await leases.delete(job), [job]);
    },

    'when the work rejects, its writes are rolled back, and the job is still held': async (queue) => {
      const { application, backend, pipeline } = queue;
      const [id] = await queue.put({});
      const leases = await queue.leaseTransacting();
      const job = await leases.reserveOne();
      const noMoney = new Error('no money');
      const failed = leases.transact(job, async (transaction) => {
        await application.write(transaction, pipeline);
        throw noMoney;
      });
      await assert.rejects(failed, (error) => error === noMoney);
      assert.equal(await application.wrote(pipeline), false);
      assert.equal((await backend.inspect.find(id!))?.state, 'reserved');
      assert.deepEqual(await leases.release(job), []);
    },

    'a job that another worker has leased since is lost, and the writes are rolled back': async (queue) => {
      const { application, backend, pipeline } = queue;
      const [id] = await queue.put({ ttr: 1 });
      const [leases, other] = [await queue.leaseTransacting(), await queue.lease()];
      const job = await leases.reserveOne();
      assert.equal((await other.reserveOne(PATIENCE)).id, id);
      const transacted = await leases.transact(job, (transaction) =>
        application.write(transaction, pipeline),
      );
      assert.deepEqual(transacted, { outcome: 'lost' });
      assert.equal(await application.wrote(pipeline), false);
      assert.equal((await backend.inspect.find(id!))?.id, id);
    },

    "another worker's job is lost, and the writes are rolled back": async (queue) => {
      const { application, pipeline } = queue;
      await queue.put({});
      const [leases, other] = [await queue.leaseTransacting(), await queue.leaseTransacting()];
      const job = await leases.reserveOne();
      const transacted = await other.transact(job, (transaction) => application.write(transaction, pipeline));
      assert.deepEqual(transacted, { outcome: 'lost' });
      assert.equal(await application.wrote(pipeline), false);
      assert.deepEqual(await leases.delete(job), []);
    },

    'jobs without a transaction are settled and renewed as by any leases': async (queue) => {
      await queue.put({}, {}, {}, {});
      const leases = await queue.leaseTransacting();
      const [one, two, three] = await leases.reserve(3);
      assert.deepEqual(await leases.renew(one!, two!, three!), []);
      const { lost, next } = await leases.settleAndTake(
        1,
        { job: one!, outcome: 'delete' },
        { job: two!, outcome: 'bury' },
      );
      assert.deepEqual([lost.length, next.length], [0, 1]);
      assert.deepEqual(await queue.stats(), { ready: 0, delayed: 0, reserved: 2, buried: 1, pausedFor: 0 });
    },
  },
};
