import assert from 'node:assert/strict';
import type { Theme } from '../conformance-case';
import { PATIENCE, Stopwatch } from '../timing';

export const pause: Theme = {
  name: 'pause',
  cases: {
    'a paused pipeline takes jobs and gives none, and its running jobs go on': async (queue) => {
      await queue.put({}, {}, {});
      const consumer = await queue.consumer();
      const [one, other] = await consumer.reserve(2);
      await queue.backend.pause(queue.pipeline, 60);
      await queue.put({});
      assert.deepEqual(await consumer.reserve(10), []);
      assert.deepEqual(await consumer.touch(one!), []);
      assert.deepEqual(await consumer.delete(one!), []);
      assert.deepEqual(await consumer.release(other!), []);
      assert.deepEqual(await consumer.reserve(10), []);
      const { ready, reserved } = await queue.stats();
      assert.deepEqual({ ready, reserved }, { ready: 3, reserved: 0 });
    },

    'resume ends a pause at once and wakes an exchange that waits': async (queue) => {
      const [id] = await queue.put({});
      const consumer = await queue.consumer();
      await queue.backend.pause(queue.pipeline, 60);
      const coming = consumer.reserveOne(PATIENCE);
      await queue.backend.resume(queue.pipeline);
      assert.equal((await coming).id, id);
    },

    'stats tell how long a pause still lasts': async (queue) => {
      await queue.put({});
      await queue.backend.pause(queue.pipeline, 60);
      const { pausedFor } = await queue.stats();
      assert.ok(pausedFor > 50 && pausedFor <= 60, `paused for ${pausedFor} s`);
      await queue.backend.resume(queue.pipeline);
      assert.equal((await queue.stats()).pausedFor, 0);
    },

    'a second pause takes the place of the first': async (queue) => {
      await queue.put({});
      await queue.backend.pause(queue.pipeline, 600);
      await queue.backend.pause(queue.pipeline, 60);
      const { pausedFor } = await queue.stats();
      assert.ok(pausedFor > 50 && pausedFor <= 60, `paused for ${pausedFor} s`);
    },

    'a pause holds back its own pipeline alone': async (queue) => {
      const other = queue.newPipeline();
      await queue.put({ priority: 0 });
      const [id] = await queue.putTo(other, { priority: 9 });
      const consumer = await queue.consumer(queue.pipeline, other);
      await queue.backend.pause(queue.pipeline, 60);
      assert.deepEqual(
        (await consumer.reserve(10)).map((job) => job.id),
        [id],
      );
    },

    'resuming what is not paused is fine': async (queue) => {
      await queue.backend.resume(queue.pipeline);
      await queue.put({});
      await queue.backend.resume(queue.pipeline);
      await (await queue.consumer()).reserveOne();
    },
  },

  slowCases: {
    'when a pause is over its jobs come, never before, and end a wait': async (queue) => {
      const [id] = await queue.put({});
      const consumer = await queue.consumer();
      const watch = new Stopwatch();
      await queue.backend.pause(queue.pipeline, 1);
      assert.equal((await consumer.reserveOne(PATIENCE)).id, id);
      watch.assertNotBefore(1);
      assert.equal((await queue.stats()).pausedFor, 0);
    },

    'a pause that begins during a wait holds for it too': async (queue) => {
      // A pause lasts no longer than its pipeline holds jobs.
      await queue.put({ delay: 60 });
      const coming = (await queue.consumer()).reserveOne(PATIENCE);
      const watch = new Stopwatch();
      await queue.backend.pause(queue.pipeline, 1);
      await queue.put({});
      await coming;
      watch.assertNotBefore(1);
    },
  },
};
