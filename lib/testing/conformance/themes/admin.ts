import assert from 'node:assert/strict';
import type { Theme } from '../conformance-case';
import { PATIENCE } from '../timing';

export const tend: Theme = {
  name: 'tend',
  cases: {
    'kick makes buried jobs ready, and delayed ones only when none is buried': async (queue) => {
      const { backend, pipeline } = queue;
      const [buried, later, sooner] = await queue.put({}, { delay: 120 }, { delay: 60 });
      const consumer = await queue.consumer();
      await consumer.bury(await consumer.reserveOne());
      assert.equal(await backend.kick(pipeline, 10), 1);
      assert.equal((await consumer.reserveOne()).id, buried);
      assert.deepEqual(await consumer.reserve(1), []);
      assert.equal(await backend.kick(pipeline, 1), 1);
      assert.equal((await consumer.reserveOne()).id, sooner);
      assert.equal(await backend.kick(pipeline, 10), 1);
      const last = await consumer.reserveOne();
      assert.deepEqual([last.id, last.kicks, last.attempt], [later, 1, 1]);
      assert.equal(await backend.kick(pipeline, 10), 0);
    },

    'kick makes no more jobs ready than its limit': async (queue) => {
      await queue.put({}, {}, {}, {});
      const consumer = await queue.consumer();
      const jobs = await consumer.reserve(4);
      await consumer.settle(...jobs.map((job) => ({ job, outcome: 'bury' }) as const));
      assert.equal(await queue.backend.kick(queue.pipeline, 3), 3);
      const { ready, buried } = await queue.stats();
      assert.deepEqual({ ready, buried }, { ready: 3, buried: 1 });
    },

    'kicks at the same time take different jobs': async (queue) => {
      const { backend, pipeline } = queue;
      await queue.put(...Array.from({ length: 10 }, () => ({})), { delay: 60 });
      const consumer = await queue.consumer();
      const jobs = await consumer.reserve(10);
      await consumer.settle(...jobs.map((job) => ({ job, outcome: 'bury' }) as const));
      assert.deepEqual(await Promise.all([backend.kick(pipeline, 5), backend.kick(pipeline, 5)]), [5, 5]);
      const { ready, delayed } = await queue.stats();
      assert.deepEqual({ ready, delayed }, { ready: 10, delayed: 1 });
    },

    'kick leaves other pipelines alone': async (queue) => {
      const other = queue.newPipeline();
      await queue.putTo(other, { delay: 60 });
      assert.equal(await queue.backend.kick(queue.pipeline, 10), 0);
      assert.equal((await queue.backend.stats(other)).delayed, 1);
    },

    'kickJob makes one buried or delayed job ready, and no other': async (queue) => {
      const { backend } = queue;
      const [buried, reserved] = await queue.put({}, {});
      const consumer = await queue.consumer();
      const [first, second] = await consumer.reserve(2);
      await consumer.bury(first!);
      const [ready, delayed] = await queue.put({}, { delay: 60 });
      assert.equal(await backend.kickJob(buried!), true);
      assert.equal(await backend.kickJob(delayed!), true);
      assert.equal(await backend.kickJob(buried!), false);
      assert.equal(await backend.kickJob(ready!), false);
      assert.equal(await backend.kickJob(reserved!), false);
      assert.deepEqual(await consumer.delete(second!), []);
      const jobs = await consumer.reserve(10);
      assert.deepEqual(
        jobs.map(({ id, kicks }) => [id, kicks]),
        [
          [buried, 1],
          [ready, 0],
          [delayed, 1],
        ],
      );
    },

    'discard removes a job that nobody holds, and refuses a reserved one': async (queue) => {
      const { backend } = queue;
      const [reserved, buried] = await queue.put({}, {});
      const consumer = await queue.consumer();
      const [job, aside] = await consumer.reserve(2);
      await consumer.bury(aside!);
      const [ready, delayed] = await queue.put({}, { delay: 60 });
      for (const id of [ready, delayed, buried]) assert.equal(await backend.discard(id!), true);
      assert.equal(await backend.discard(ready!), false);
      assert.equal(await backend.discard(reserved!), false);
      assert.deepEqual(await queue.stats(), { ready: 0, delayed: 0, reserved: 1, buried: 0, pausedFor: 0 });
      assert.deepEqual(await consumer.delete(job!), []);
    },

    'clear removes the jobs of one state of one pipeline': async (queue) => {
      const { backend, pipeline } = queue;
      const other = queue.newPipeline();
      await queue.putTo(other, {});
      await queue.put({}, {});
      const consumer = await queue.consumer();
      const [, aside] = await consumer.reserve(2);
      await consumer.bury(aside!);
      await queue.put({}, {}, {}, { delay: 60 }, { delay: 60 });
      assert.equal(await backend.clear(pipeline, 'ready'), 3);
      assert.deepEqual(await queue.stats(), { ready: 0, delayed: 2, reserved: 1, buried: 1, pausedFor: 0 });
      assert.equal(await backend.clear(pipeline, 'delayed'), 2);
      assert.equal(await backend.clear(pipeline, 'buried'), 1);
      assert.equal(await backend.clear(pipeline, 'buried'), 0);
      assert.deepEqual(await queue.stats(), { ready: 0, delayed: 0, reserved: 1, buried: 0, pausedFor: 0 });
      assert.equal((await backend.stats(other)).ready, 1);
    },
  },

  slowCases: {
    'the oldest burial is shown and kicked first, not the oldest job': async (queue) => {
      const [younger, older] = await queue.put({ delay: 3 }, {});
      const consumer = await queue.consumer();
      await consumer.bury(await consumer.reserveOne());
      await consumer.bury(await consumer.reserveOne(2 * PATIENCE));
      assert.equal((await queue.backend.peek(queue.pipeline, 'buried'))?.id, older);
      assert.equal(await queue.backend.kick(queue.pipeline, 1), 1);
      assert.equal((await consumer.reserveOne()).id, older);
      assert.equal((await queue.backend.peek(queue.pipeline, 'buried'))?.id, younger);
    },
  },
};
