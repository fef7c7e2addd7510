import assert from 'node:assert/strict';
import type { Theme } from '../../conformance-case';
import { PATIENCE, Stopwatch } from '../../timing';

/* No case is slow: those run together, and some systems have one transaction at a time. */
export const transactions: Theme = {
  name: 'transactions',
  port: 'transactions',
  cases: {
    'a job exists from the commit on, not before': async (queue) => {
      const { application, backend, pipeline } = queue;
      const [id] = await application.transaction(async (transaction) => {
        const ids = await queue.putWithin(transaction, {});
        await application.write(transaction, pipeline);
        assert.equal(await backend.inspect.find(ids[0]!), undefined);
        assert.equal((await queue.stats()).ready, 0);
        return ids;
      });
      assert.equal((await backend.inspect.find(id!))?.state, 'ready');
      assert.equal(await application.wrote(pipeline), true);
    },

    'jobs of a transaction that is rolled back never exist': async (queue) => {
      const { application, backend, pipeline } = queue;
      const noMoney = new Error('no money');
      let ids: readonly string[] = [];
      const failed = application.transaction(async (transaction) => {
        ids = await queue.putWithin(transaction, {}, { delay: 60 });
        await application.write(transaction, pipeline);
        throw noMoney;
      });
      await assert.rejects(failed, (error) => error === noMoney);
      assert.equal(ids.length, 2);
      for (const id of ids) assert.equal(await backend.inspect.find(id), undefined);
      assert.deepEqual(await queue.stats(), { ready: 0, delayed: 0, reserved: 0, buried: 0, pausedFor: 0 });
      assert.equal(await application.wrote(pipeline), false);
    },

    'a put in a transaction returns the ids in the order of the jobs, which are as they were put': async (
      queue,
    ) => {
      const ids = await queue.application.transaction(async (transaction) => {
        assert.deepEqual(await queue.putWithin(transaction), []);
        return queue.putWithin(
          transaction,
          { payload: '"a"', priority: 5, ttr: 30 },
          { payload: '"b"', priority: 0 },
          { payload: '"c"', delay: 60 },
        );
      });
      const jobs = await Promise.all(ids.map((id) => queue.backend.inspect.find(id)));
      assert.deepEqual(
        jobs.map((job) => [job?.payload, job?.priority, job?.ttr, job?.state]),
        [
          ['"a"', 5, 30, 'ready'],
          ['"b"', 0, 60, 'ready'],
          ['"c"', 1024, 60, 'delayed'],
        ],
      );
    },

    'a commit wakes a reserve that waits': async (queue) => {
      const coming = (await queue.lease()).reserveOne(PATIENCE);
      const [id] = await queue.application.transaction((transaction) => queue.putWithin(transaction, {}));
      const watch = new Stopwatch();
      assert.equal((await coming).id, id);
      watch.assertAtOnce();
    },

    'what is no transaction, or one that has ended, is refused, and nothing is stored': async (queue) => {
      const ended = await queue.application.transaction((transaction) => Promise.resolve({ transaction }));
      for (const none of [ended.transaction, {}, null, 'a transaction', 1]) {
        await assert.rejects(queue.putWithin(none, {}), { code: 'INVALID_JOB_OPTION' });
      }
      assert.equal((await queue.stats()).ready, 0);
    },
  },
};
