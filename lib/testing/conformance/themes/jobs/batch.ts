import assert from 'node:assert/strict';
import type { Theme } from '../../conformance-case';
import { PATIENCE, Stopwatch } from '../../timing';

export const batch: Theme = {
  name: 'batch',
  cases: {
    'putting no jobs is fine': async (queue) => {
      assert.deepEqual(await queue.put(), []);
      assert.equal((await queue.stats()).ready, 0);
    },

    'settling and renewing no jobs is fine': async (queue) => {
      const [id] = await queue.put({});
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      assert.deepEqual(await leases.settleAndTake(0), { lost: [], next: [] });
      assert.deepEqual(await leases.renew(), []);
      assert.equal(job.id, id);
      assert.deepEqual(await leases.delete(job), []);
    },

    'reserving 0 takes nothing and does not wait': async (queue) => {
      const leases = await queue.lease();
      const watch = new Stopwatch();
      assert.deepEqual(await leases.reserve(0, PATIENCE), []);
      await queue.put({});
      assert.deepEqual(await leases.reserve(0, PATIENCE), []);
      watch.assertAtOnce();
      assert.equal((await queue.stats()).ready, 1);
    },

    'no more jobs come than asked for': async (queue) => {
      await queue.put({}, {}, {}, {}, {});
      assert.equal((await (await queue.lease()).reserve(3)).length, 3);
      const { ready, reserved } = await queue.stats();
      assert.deepEqual({ ready, reserved }, { ready: 2, reserved: 3 });
    },

    'when fewer are ready than asked for, those come at once': async (queue) => {
      await queue.put({}, {});
      const watch = new Stopwatch();
      assert.equal((await (await queue.lease()).reserve(10, PATIENCE)).length, 2);
      watch.assertAtOnce();
    },

    'one call settles in every way and brings the next jobs': async (queue) => {
      const ids = await queue.put({}, {}, {}, {}, {}, {});
      const leases = await queue.lease();
      const [deleted, released, buried] = await leases.reserve(3);
      assert.ok(deleted && released && buried);
      const { lost, next } = await leases.settleAndTake(
        2,
        { job: released, outcome: 'release', delay: 60 },
        { job: deleted, outcome: 'delete' },
        { job: buried, outcome: 'bury', reason: 'no use' },
      );
      assert.deepEqual(lost, []);
      assert.deepEqual(
        next.map(({ id }) => id),
        ids.slice(3, 5),
      );
      const { ready, delayed, reserved: held, buried: aside } = await queue.stats();
      assert.deepEqual({ ready, delayed, held, aside }, { ready: 1, delayed: 1, held: 2, aside: 1 });
    },

    'many jobs are reserved, renewed and settled in one call each': async (queue) => {
      await queue.put(...Array.from({ length: 300 }, () => ({})));
      const leases = await queue.lease();
      const jobs = await leases.reserve(300);
      assert.equal(jobs.length, 300);
      assert.deepEqual(await leases.renew(...jobs), []);
      assert.deepEqual(await leases.settle(...jobs.map((job) => ({ job, outcome: 'delete' }) as const)), []);
      const { ready, reserved } = await queue.stats();
      assert.deepEqual({ ready, reserved }, { ready: 0, reserved: 0 });
    },

    'one put takes 2,500 jobs': async (queue) => {
      const payloads = Array.from({ length: 2500 }, (_, index) => String(index));
      const ids = await queue.put(...payloads.map((payload) => ({ payload })));
      assert.equal(new Set(ids).size, 2500);
      assert.equal((await queue.stats()).ready, 2500);
      assert.equal((await queue.backend.inspect.find(ids[2499]!))?.payload, '2499');
      const first = await (await queue.lease()).reserve(100);
      assert.deepEqual(
        first.map(({ payload }) => payload),
        payloads.slice(0, 100),
      );
    },
  },
};
