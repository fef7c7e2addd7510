import assert from 'node:assert/strict';
import type { Theme } from '../conformance-case';
import { PATIENCE, Stopwatch, until } from '../timing';

export const lease: Theme = {
  name: 'lease',
  cases: {
    "another consumer's job is lost to us, and nothing is changed": async (queue) => {
      await queue.put({});
      const [one, other] = [await queue.consumer(), await queue.consumer()];
      const job = await one.reserveOne();
      assert.deepEqual(await other.delete(job), [job]);
      assert.deepEqual(await other.touch(job), [job]);
      assert.deepEqual(await one.delete(job), []);
    },

    'touch answers the jobs that were lost, and touches the others': async (queue) => {
      await queue.put({}, {});
      const consumer = await queue.consumer();
      const [settled, ours] = await consumer.reserve(2);
      await consumer.delete(settled!);
      assert.deepEqual(await consumer.touch(settled!, ours!), [settled]);
      assert.deepEqual(await consumer.delete(ours!), []);
    },
  },

  slowCases: {
    'when its time has run out a job goes to another consumer, never before, at no attempt': async (
      queue,
    ) => {
      const [id] = await queue.put({ ttr: 1 });
      const [one, other] = [await queue.consumer(), await queue.consumer()];
      const watch = new Stopwatch();
      const first = await one.reserveOne();
      assert.deepEqual([first.attempt, first.timeouts], [1, 0]);
      const second = await other.reserveOne(PATIENCE);
      watch.assertNotBefore(1);
      assert.equal(second.id, id);
      assert.deepEqual([second.attempt, second.timeouts], [1, 1]);
    },

    'a broken time to run may be rounded up, never down': async (queue) => {
      await queue.put({ ttr: 1.4 });
      const [one, other] = [await queue.consumer(), await queue.consumer()];
      const watch = new Stopwatch();
      await one.reserveOne();
      await other.reserveOne(PATIENCE);
      watch.assertNotBefore(1.4);
    },

    'a lost job is reported, however it is settled, and nothing is changed': async (queue) => {
      const [id] = await queue.put({ ttr: 1, priority: 5 });
      const [one, other] = [await queue.consumer(), await queue.consumer()];
      const lost = await one.reserveOne();
      await until(async () => (await queue.stats()).ready === 1);
      assert.deepEqual(await one.delete(lost), [lost]);
      assert.deepEqual(await one.settle({ job: lost, outcome: 'release', delay: 60, priority: 9 }), [lost]);
      assert.deepEqual(await one.settle({ job: lost, outcome: 'bury', priority: 9 }), [lost]);
      assert.deepEqual(await one.touch(lost), [lost]);
      const again = await other.reserveOne(PATIENCE);
      assert.deepEqual([again.id, again.priority, again.attempt], [id, 5, 1]);
      assert.deepEqual(await other.delete(again), []);
    },

    'of several settled together, only the lost one is reported and left alone': async (queue) => {
      await queue.put({ ttr: 1 }, { ttr: 60 });
      const consumer = await queue.consumer();
      const [lost, ours] = await consumer.reserve(2);
      await until(async () => (await queue.stats()).ready === 1);
      assert.deepEqual(
        await consumer.settle({ job: lost!, outcome: 'delete' }, { job: ours!, outcome: 'delete' }),
        [lost],
      );
      const { ready, reserved } = await queue.stats();
      assert.deepEqual({ ready, reserved }, { ready: 1, reserved: 0 });
    },

    "a consumer's second run of a job is safe from its first": async (queue) => {
      // Two seconds, so that the second run is not over before the case is, on a busy machine.
      const [id] = await queue.put({ ttr: 2 });
      const consumer = await queue.consumer();
      const first = await consumer.reserveOne();
      await until(async () => (await queue.stats()).ready === 1);
      const second = await consumer.reserveOne(PATIENCE);
      assert.equal(second.id, id);
      assert.deepEqual(await consumer.touch(first), [first]);
      assert.deepEqual(await consumer.delete(first), [first]);
      assert.deepEqual(await consumer.release(first, 60), [first]);
      assert.deepEqual(await consumer.bury(first), [first]);
      assert.equal((await queue.backend.find(id!))?.state, 'reserved');
      assert.deepEqual(await consumer.delete(second), []);
      assert.equal(await queue.backend.find(id!), undefined);
    },

    'touch starts the time to run anew': async (queue) => {
      // Long enough for the touch to come in time, on a busy machine.
      await queue.put({ ttr: 4 });
      // A second of the backend's own time: this one becomes ready when it is over.
      const clock = queue.newPipeline();
      const [one, other] = [await queue.consumer(), await queue.consumer()];
      const job = await one.reserveOne();
      await queue.putTo(clock, { delay: 1 });
      await (await queue.consumer(clock)).reserveOne(PATIENCE);
      const watch = new Stopwatch();
      assert.deepEqual(await one.touch(job), []);
      await other.reserveOne(2 * PATIENCE);
      watch.assertNotBefore(4);
      assert.deepEqual(await one.touch(job), [job]);
    },
  },
};
