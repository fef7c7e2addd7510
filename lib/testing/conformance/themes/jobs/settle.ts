import assert from 'node:assert/strict';
import type { Theme } from '../../conformance-case';
import { PATIENCE, Stopwatch } from '../../timing';

export const settle: Theme = {
  name: 'settle',
  cases: {
    'a deleted job is gone': async (queue) => {
      const [id] = await queue.put({});
      const leases = await queue.lease();
      assert.deepEqual(await leases.delete(await leases.reserveOne()), []);
      assert.equal(await queue.backend.inspect.find(id!), undefined);
      assert.deepEqual(await leases.reserve(1), []);
    },

    'a released job is ready at once, with the priority it had': async (queue) => {
      const [id] = await queue.put({ priority: 7 });
      const leases = await queue.lease();
      assert.deepEqual(await leases.release(await leases.reserveOne()), []);
      const again = await leases.reserveOne();
      assert.deepEqual([again.id, again.priority], [id, 7]);
    },

    'a job is released with another priority': async (queue) => {
      const [a, b] = await queue.put({ priority: 1 }, { priority: 2 });
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      assert.deepEqual(await leases.settle({ job, outcome: 'release', delay: 0, priority: 3 }), []);
      const jobs = await leases.reserve(2);
      assert.deepEqual(
        jobs.map(({ id, priority }) => [id, priority]),
        [
          [b, 2],
          [a, 3],
        ],
      );
    },

    'a job released with a delay is delayed': async (queue) => {
      const [id] = await queue.put({});
      const leases = await queue.lease();
      assert.deepEqual(await leases.release(await leases.reserveOne(), 60), []);
      assert.deepEqual(await leases.reserve(1), []);
      const job = await queue.backend.inspect.find(id!);
      assert.equal(job?.state, 'delayed');
      assert.ok(job.delay > 50 && job.delay <= 60, `delay ${job.delay}`);
    },

    'a buried job stays away until it is kicked': async (queue) => {
      const [id] = await queue.put({ priority: 7 });
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      assert.deepEqual(await leases.settle({ job, outcome: 'bury', reason: 'no such "address"' }), []);
      assert.deepEqual(await leases.reserve(1), []);
      const buried = await queue.backend.inspect.find(id!);
      assert.deepEqual([buried?.state, buried?.priority], ['buried', 7]);
      // Not every backend keeps reasons; one that does keeps them as they are.
      assert.equal(buried?.reason ?? 'no such "address"', 'no such "address"');
      assert.equal(await queue.backend.admin.kick(queue.pipeline, 1), 1);
      assert.equal((await leases.reserveOne()).id, id);
    },

    'a job is buried with another priority': async (queue) => {
      const [id] = await queue.put({ priority: 1 });
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      assert.deepEqual(await leases.settle({ job, outcome: 'bury', priority: 4294967295 }), []);
      assert.equal((await queue.backend.inspect.find(id!))?.priority, 4294967295);
    },

    'a job that was settled is lost to a second settlement, and nothing is changed': async (queue) => {
      const [id] = await queue.put({});
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      assert.deepEqual(await leases.release(job), []);
      assert.deepEqual(await leases.delete(job), [job]);
      assert.deepEqual(await leases.bury(job), [job]);
      assert.deepEqual(await leases.renew(job), [job]);
      const again = await leases.reserveOne();
      assert.deepEqual([again.id, again.attempt], [id, 2]);
      assert.deepEqual(await leases.delete(again), []);
      assert.deepEqual(await leases.delete(again), [again]);
    },

    'attempts: a release counts, and a burial that is kicked': async (queue) => {
      const [id] = await queue.put({});
      const leases = await queue.lease();
      const first = await leases.reserveOne();
      assert.equal(first.attempt, 1);
      await leases.release(first);
      assert.equal((await queue.backend.inspect.find(id!))?.attempts, 1);
      const second = await leases.reserveOne();
      assert.equal(second.attempt, 2);
      await leases.bury(second);
      assert.equal((await queue.backend.inspect.find(id!))?.attempts, 2);
      await queue.backend.admin.kick(queue.pipeline, 1);
      const third = await leases.reserveOne();
      assert.deepEqual([third.attempt, third.kicks, third.timeouts], [3, 1, 0]);
    },

    'attempts: a planned release counts none where the backend can tell, and failures count as before':
      async (queue) => {
        const [id] = await queue.put({ priority: 7 });
        const leases = await queue.lease();
        if (!leases.plans) return;
        const planned = { outcome: 'release', delay: 0, planned: true } as const;
        for (let round = 0; round < 3; round++) {
          const job = await leases.reserveOne();
          assert.deepEqual([job.attempt, job.priority], [1, 7]);
          assert.deepEqual(await leases.settle({ job, ...planned }), []);
        }
        const failed = await leases.reserveOne();
        // Beside others that do count.
        const [other] = await queue.put({});
        const beside = await leases.reserveOne();
        const ends = [
          { job: beside, ...planned },
          { job: failed, outcome: 'release', delay: 0 },
        ] as const;
        assert.deepEqual(await leases.settle(...ends), []);
        assert.equal((await queue.backend.inspect.find(id!))?.attempts, 1);
        assert.equal((await queue.backend.inspect.find(other!))?.attempts, 0);
        const again = await leases.reserveOne();
        assert.deepEqual([again.id, again.attempt], [id, 2]);
        assert.deepEqual(await leases.settle({ job: again, ...planned, delay: 60 }), []);
        const waiting = await queue.backend.inspect.find(id!);
        assert.deepEqual([waiting?.state, waiting?.attempts], ['delayed', 1]);
      },
  },

  slowCases: {
    'a released job comes when its delay is over, never before': async (queue) => {
      const [id] = await queue.put({});
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      const watch = new Stopwatch();
      await leases.release(job, 1);
      const again = await leases.reserveOne(PATIENCE);
      watch.assertNotBefore(1);
      assert.deepEqual([again.id, again.attempt], [id, 2]);
    },
  },
};
