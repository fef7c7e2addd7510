import assert from 'node:assert/strict';
import type { Theme } from '../../conformance-case';
import { PATIENCE, Stopwatch, until } from '../../timing';

export const shutdown: Theme = {
  name: 'shutdown',
  cases: {
    'what closing gives back is ready at once for another, without counting an attempt': async (queue) => {
      const ids = await queue.put({}, {}, {});
      const [one, other] = [await queue.lease(), await queue.lease()];
      const [first] = await one.reserve(3);
      await one.delete(first!);
      const watch = new Stopwatch();
      await one.close();
      const jobs = [await other.reserveOne(PATIENCE), await other.reserveOne(PATIENCE)];
      watch.assertAtOnce();
      for (const { attempt, timeouts } of jobs) assert.deepEqual([attempt, timeouts], [1, 0]);
      assert.deepEqual(jobs.map(({ id }) => id).sort(), ids.slice(1).sort());
    },

    'closing leaves the jobs of another worker alone': async (queue) => {
      await queue.put({}, {});
      const [one, other] = [await queue.lease(), await queue.lease()];
      await one.reserveOne();
      const job = await other.reserveOne();
      await one.close();
      await until(async () => (await queue.stats()).ready === 1);
      assert.equal((await queue.stats()).reserved, 1);
      assert.deepEqual(await other.delete(job), []);
    },

    'closed leases settle nothing': async (queue) => {
      const [id] = await queue.put({});
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      await leases.close();
      // It may report the job as lost, or reject.
      const [answer] = await Promise.allSettled([leases.delete(job)]);
      if (answer.status === 'fulfilled') assert.deepEqual(answer.value, [job]);
      await until(async () => (await queue.backend.inspect.find(id!))?.state === 'ready');
    },

    'closing ends a wait soon, and no job is lost by it': async (queue) => {
      const [one, other] = [await queue.lease(), await queue.lease()];
      const waiting = Promise.allSettled([one.reserve(1, PATIENCE)]);
      const watch = new Stopwatch();
      await one.close();
      await waiting;
      watch.assertAtOnce();
      const [id] = await queue.put({});
      assert.equal((await other.reserveOne(PATIENCE)).id, id);
    },

    'closing again does nothing': async (queue) => {
      await queue.put({});
      const [one, other] = [await queue.lease(), await queue.lease()];
      await one.reserveOne();
      await one.close();
      const job = await other.reserveOne(PATIENCE);
      await one.close();
      assert.deepEqual(await other.delete(job), []);
    },

    'leases that return single jobs do so at once, without counting an attempt, and only their own': async (
      queue,
    ) => {
      await queue.put({}, {});
      const [one, other] = [await queue.lease(), await queue.lease()];
      const [first, second] = await one.reserve(2);
      if (!one.returns) return;
      const watch = new Stopwatch();
      await one.giveBack(second!);
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
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      await queue.backend.connect();
      assert.equal((await queue.backend.inspect.find(id!))?.state, 'reserved');
      assert.deepEqual(await leases.delete(job), []);
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
        await assert.rejects(backend.inspect.find('1'), closed);
        await assert.rejects(backend.inspect.stats(queue.pipeline), closed);
        await assert.rejects(backend.lease([queue.pipeline]), closed);
      } finally {
        await opened.close();
      }
    },
  },
};
