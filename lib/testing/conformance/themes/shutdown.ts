import assert from 'node:assert/strict';
import type { Theme } from '../conformance-case';
import { PATIENCE, Stopwatch, until } from '../timing';

export const shutdown: Theme = {
  name: 'shutdown',
  cases: {
    'what a closed consumer held is ready at once for another, at no attempt': async (queue) => {
      const ids = await queue.put({}, {}, {});
      const [one, other] = [await queue.consumer(), await queue.consumer()];
      const [first] = await one.reserve(3);
      await one.delete(first!);
      const watch = new Stopwatch();
      await one.close();
      const jobs = [await other.reserveOne(PATIENCE), await other.reserveOne(PATIENCE)];
      watch.assertAtOnce();
      for (const { attempt, timeouts } of jobs) assert.deepEqual([attempt, timeouts], [1, 0]);
      assert.deepEqual(jobs.map(({ id }) => id).sort(), ids.slice(1).sort());
    },

    'closing a consumer leaves the jobs of another alone': async (queue) => {
      await queue.put({}, {});
      const [one, other] = [await queue.consumer(), await queue.consumer()];
      await one.reserveOne();
      const job = await other.reserveOne();
      await one.close();
      await until(async () => (await queue.stats()).ready === 1);
      assert.equal((await queue.stats()).reserved, 1);
      assert.deepEqual(await other.delete(job), []);
    },

    'a closed consumer settles nothing': async (queue) => {
      const [id] = await queue.put({});
      const consumer = await queue.consumer();
      const job = await consumer.reserveOne();
      await consumer.close();
      // It may answer that the job is lost, or reject.
      const [answer] = await Promise.allSettled([consumer.delete(job)]);
      if (answer.status === 'fulfilled') assert.deepEqual(answer.value, [job]);
      await until(async () => (await queue.backend.find(id!))?.state === 'ready');
    },

    'closing a consumer ends its wait soon, and no job is lost by it': async (queue) => {
      const [one, other] = [await queue.consumer(), await queue.consumer()];
      const waiting = Promise.allSettled([one.reserve(1, PATIENCE)]);
      const watch = new Stopwatch();
      await one.close();
      await waiting;
      watch.assertAtOnce();
      const [id] = await queue.put({});
      assert.equal((await other.reserveOne(PATIENCE)).id, id);
    },

    'closing a consumer again does nothing': async (queue) => {
      await queue.put({});
      const [one, other] = [await queue.consumer(), await queue.consumer()];
      await one.reserveOne();
      await one.close();
      const job = await other.reserveOne(PATIENCE);
      await one.close();
      assert.deepEqual(await other.delete(job), []);
    },

    'a consumer that can give single jobs back does so at once, at no attempt, and only its own': async (
      queue,
    ) => {
      await queue.put({}, {});
      const [one, other] = [await queue.consumer(), await queue.consumer()];
      const [first, second] = await one.reserve(2);
      if (!(await one.giveBack(second!))) return;
      const watch = new Stopwatch();
      const again = await other.reserveOne(PATIENCE);
      watch.assertAtOnce();
      assert.deepEqual([again.id, again.attempt, again.timeouts], [second!.id, 1, 0]);
      await one.giveBack(second!);
      assert.deepEqual(await other.delete(again), []);
      assert.deepEqual(await one.delete(second!), [second]);
      assert.deepEqual(await one.delete(first!), []);
    },

    'connecting again does nothing': async (queue) => {
      const [id] = await queue.put({});
      const consumer = await queue.consumer();
      const job = await consumer.reserveOne();
      await queue.backend.connect();
      assert.equal((await queue.backend.find(id!))?.state, 'reserved');
      assert.deepEqual(await consumer.delete(job), []);
    },

    'a closed backend refuses, and closing it again does nothing': async (queue) => {
      const opened = await queue.open();
      const { backend } = opened;
      try {
        await backend.close();
        await backend.close();
        const closed = { code: 'BACKEND_CLOSED' };
        await assert.rejects(
          backend.put(queue.pipeline, [{ payload: '1', priority: 0, delay: 0, ttr: 1 }]),
          closed,
        );
        await assert.rejects(backend.find('1'), closed);
        await assert.rejects(backend.stats(queue.pipeline), closed);
        await assert.rejects(backend.consume([queue.pipeline]), closed);
      } finally {
        await opened.close();
      }
    },
  },
};
