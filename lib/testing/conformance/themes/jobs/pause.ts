import assert from 'node:assert/strict';
import type { Theme } from '../../conformance-case';
import { PATIENCE, Stopwatch } from '../../timing';

export const pause: Theme = {
  name: 'pause',
  cases: {
    'a paused pipeline takes jobs and gives none, and its running jobs go on': async (queue) => {
      await queue.put({}, {}, {});
      const leases = await queue.lease();
      const [one, other] = await leases.reserve(2);
      await queue.backend.admin.pause(queue.pipeline, 60);
      await queue.put({});
      assert.deepEqual(await leases.reserve(10), []);
      assert.deepEqual(await leases.renew(one!), []);
      assert.deepEqual(await leases.delete(one!), []);
      assert.deepEqual(await leases.release(other!), []);
      assert.deepEqual(await leases.reserve(10), []);
      const { ready, reserved } = await queue.stats();
      assert.deepEqual({ ready, reserved }, { ready: 3, reserved: 0 });
    },

    'resume ends a pause at once and wakes a reserve that waits': async (queue) => {
      const [id] = await queue.put({});
      const leases = await queue.lease();
      await queue.backend.admin.pause(queue.pipeline, 60);
      const coming = leases.reserveOne(PATIENCE);
      await queue.backend.admin.resume(queue.pipeline);
      assert.equal((await coming).id, id);
    },

    'stats tell how long a pause still lasts': async (queue) => {
      await queue.put({});
      await queue.backend.admin.pause(queue.pipeline, 60);
      const { pausedFor } = await queue.stats();
      assert.ok(pausedFor > 50 && pausedFor <= 60, `paused for ${pausedFor} s`);
      await queue.backend.admin.resume(queue.pipeline);
      assert.equal((await queue.stats()).pausedFor, 0);
    },

    'a second pause takes the place of the first': async (queue) => {
      await queue.put({});
      await queue.backend.admin.pause(queue.pipeline, 600);
      await queue.backend.admin.pause(queue.pipeline, 60);
      const { pausedFor } = await queue.stats();
      assert.ok(pausedFor > 50 && pausedFor <= 60, `paused for ${pausedFor} s`);
    },

    'a pause without an end lasts until it is resumed, or another one takes its place': async (queue) => {
      const [id] = await queue.put({});
      const leases = await queue.lease();
      await queue.backend.admin.pause(queue.pipeline, Infinity);
      assert.equal((await queue.stats()).pausedFor, Infinity);
      assert.deepEqual(await leases.reserve(1), []);
      await queue.backend.admin.pause(queue.pipeline, 60);
      const { pausedFor } = await queue.stats();
      assert.ok(pausedFor > 50 && pausedFor <= 60, `paused for ${pausedFor} s`);
      await queue.backend.admin.pause(queue.pipeline, Infinity);
      await queue.backend.admin.resume(queue.pipeline);
      assert.equal((await queue.stats()).pausedFor, 0);
      assert.equal((await leases.reserveOne()).id, id);
    },

    'a pause holds back its own pipeline alone': async (queue) => {
      const other = queue.newPipeline();
      await queue.put({ priority: 0 });
      const [id] = await queue.putTo(other, { priority: 9 });
      const leases = await queue.lease(queue.pipeline, other);
      await queue.backend.admin.pause(queue.pipeline, 60);
      assert.deepEqual(
        (await leases.reserve(10)).map((job) => job.id),
        [id],
      );
    },

    'resuming what is not paused is fine': async (queue) => {
      await queue.backend.admin.resume(queue.pipeline);
      await queue.put({});
      await queue.backend.admin.resume(queue.pipeline);
      await (await queue.lease()).reserveOne();
    },
  },

  slowCases: {
    'when a pause is over its jobs come, never before, and end a wait': async (queue) => {
      const [id] = await queue.put({});
      const leases = await queue.lease();
      const watch = new Stopwatch();
      await queue.backend.admin.pause(queue.pipeline, 1);
      assert.equal((await leases.reserveOne(PATIENCE)).id, id);
      watch.assertNotBefore(1);
      assert.equal((await queue.stats()).pausedFor, 0);
    },

    'a pause that begins during a wait holds for it too': async (queue) => {
      // A pause lasts no longer than its pipeline holds jobs.
      await queue.put({ delay: 60 });
      const coming = (await queue.lease()).reserveOne(PATIENCE);
      const watch = new Stopwatch();
      await queue.backend.admin.pause(queue.pipeline, 1);
      await queue.put({});
      await coming;
      watch.assertNotBefore(1);
    },
  },
};
