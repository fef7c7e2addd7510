import assert from 'node:assert/strict';
import type { Theme } from '../../conformance-case';
import { PATIENCE } from '../../timing';

export const admin: Theme = {
  name: 'admin',
  cases: {
    'kick makes buried jobs ready, and delayed ones only when none is buried': async (queue) => {
      const { backend, pipeline } = queue;
      const [buried, later, sooner] = await queue.put({}, { delay: 120 }, { delay: 60 });
      const leases = await queue.lease();
      await leases.bury(await leases.reserveOne());
      assert.equal(await backend.admin.kick(pipeline, 10), 1);
      assert.equal((await leases.reserveOne()).id, buried);
      assert.deepEqual(await leases.reserve(1), []);
      assert.equal(await backend.admin.kick(pipeline, 1), 1);
      assert.equal((await leases.reserveOne()).id, sooner);
      assert.equal(await backend.admin.kick(pipeline, 10), 1);
      const last = await leases.reserveOne();
      assert.deepEqual([last.id, last.kicks, last.attempt], [later, 1, 1]);
      assert.equal(await backend.admin.kick(pipeline, 10), 0);
    },

    'kick makes no more jobs ready than its limit': async (queue) => {
      await queue.put({}, {}, {}, {});
      const leases = await queue.lease();
      const jobs = await leases.reserve(4);
      await leases.settle(...jobs.map((job) => ({ job, outcome: 'bury' }) as const));
      assert.equal(await queue.backend.admin.kick(queue.pipeline, 3), 3);
      const { ready, buried } = await queue.stats();
      assert.deepEqual({ ready, buried }, { ready: 3, buried: 1 });
    },

    'kicks at the same time take different jobs': async (queue) => {
      const { backend, pipeline } = queue;
      await queue.put(...Array.from({ length: 10 }, () => ({})), { delay: 60 });
      const leases = await queue.lease();
      const jobs = await leases.reserve(10);
      await leases.settle(...jobs.map((job) => ({ job, outcome: 'bury' }) as const));
      assert.deepEqual(
        await Promise.all([backend.admin.kick(pipeline, 5), backend.admin.kick(pipeline, 5)]),
        [5, 5],
      );
      const { ready, delayed } = await queue.stats();
      assert.deepEqual({ ready, delayed }, { ready: 10, delayed: 1 });
    },

    'kick leaves other pipelines alone': async (queue) => {
      const other = queue.newPipeline();
      await queue.putTo(other, { delay: 60 });
      assert.equal(await queue.backend.admin.kick(queue.pipeline, 10), 0);
      assert.equal((await queue.backend.inspect.stats(other)).delayed, 1);
    },

    'kickJob makes one buried or delayed job ready, and no other': async (queue) => {
      const { backend } = queue;
      const [buried, reserved] = await queue.put({}, {});
      const leases = await queue.lease();
      const [first, second] = await leases.reserve(2);
      await leases.bury(first!);
      const [ready, delayed] = await queue.put({}, { delay: 60 });
      assert.equal(await backend.admin.kickJob(buried!), true);
      assert.equal(await backend.admin.kickJob(delayed!), true);
      assert.equal(await backend.admin.kickJob(buried!), false);
      assert.equal(await backend.admin.kickJob(ready!), false);
      assert.equal(await backend.admin.kickJob(reserved!), false);
      assert.deepEqual(await leases.delete(second!), []);
      const jobs = await leases.reserve(10);
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
      const leases = await queue.lease();
      const [job, aside] = await leases.reserve(2);
      await leases.bury(aside!);
      const [ready, delayed] = await queue.put({}, { delay: 60 });
      for (const id of [ready, delayed, buried]) assert.equal(await backend.admin.discard(id!), true);
      assert.equal(await backend.admin.discard(ready!), false);
      assert.equal(await backend.admin.discard(reserved!), false);
      assert.deepEqual(await queue.stats(), { ready: 0, delayed: 0, reserved: 1, buried: 0, pausedFor: 0 });
      assert.deepEqual(await leases.delete(job!), []);
    },

    'clear removes the jobs of one state of one pipeline': async (queue) => {
      const { backend, pipeline } = queue;
      const other = queue.newPipeline();
      await queue.putTo(other, {});
      await queue.put({}, {});
      const leases = await queue.lease();
      const [, aside] = await leases.reserve(2);
      await leases.bury(aside!);
      await queue.put({}, {}, {}, { delay: 60 }, { delay: 60 });
      assert.equal(await backend.admin.clear(pipeline, 'ready'), 3);
      assert.deepEqual(await queue.stats(), { ready: 0, delayed: 2, reserved: 1, buried: 1, pausedFor: 0 });
      assert.equal(await backend.admin.clear(pipeline, 'delayed'), 2);
      assert.equal(await backend.admin.clear(pipeline, 'buried'), 1);
      assert.equal(await backend.admin.clear(pipeline, 'buried'), 0);
      assert.deepEqual(await queue.stats(), { ready: 0, delayed: 0, reserved: 1, buried: 0, pausedFor: 0 });
      assert.equal((await backend.inspect.stats(other)).ready, 1);
    },
  },

  slowCases: {
    'the oldest burial is shown and kicked first, not the oldest job': async (queue) => {
      const [younger, older] = await queue.put({ delay: 3 }, {});
      const leases = await queue.lease();
      await leases.bury(await leases.reserveOne());
      await leases.bury(await leases.reserveOne(2 * PATIENCE));
      assert.equal((await queue.backend.inspect.peek(queue.pipeline, 'buried'))?.id, older);
      assert.equal(await queue.backend.admin.kick(queue.pipeline, 1), 1);
      assert.equal((await leases.reserveOne()).id, older);
      assert.equal((await queue.backend.inspect.peek(queue.pipeline, 'buried'))?.id, younger);
    },
  },
};
