import assert from 'node:assert/strict';
import type { Leased } from '../../../../core/contract/job-data';
import type { Theme } from '../../conformance-case';
import { PATIENCE, Stopwatch, until } from '../../timing';

export const lease: Theme = {
  name: 'lease',
  cases: {
    "another worker's job is lost to us, and nothing is changed": async (queue) => {
      await queue.put({});
      const [one, other] = [await queue.lease(), await queue.lease()];
      const job = await one.reserveOne();
      assert.deepEqual(await other.delete(job), [job]);
      assert.deepEqual(await other.renew(job), [job]);
      assert.deepEqual(await one.delete(job), []);
    },

    'renew returns the jobs that were lost, and renews the others': async (queue) => {
      await queue.put({}, {});
      const leases = await queue.lease();
      const [settled, ours] = await leases.reserve(2);
      await leases.delete(settled!);
      assert.deepEqual(await leases.renew(settled!, ours!), [settled]);
      assert.deepEqual(await leases.delete(ours!), []);
    },
  },

  slowCases: {
    'when its time has run out a job goes to another worker, never before, without counting an attempt':
      async (queue) => {
        const [id] = await queue.put({ ttr: 1 });
        const [one, other] = [await queue.lease(), await queue.lease()];
        const watch = new Stopwatch();
        const first = await one.reserveOne();
        assert.deepEqual([first.attempt, first.timeouts], [1, 0]);
        const second = await other.reserveOne(PATIENCE);
        watch.assertNotBefore(1);
        assert.equal(second.id, id);
        assert.deepEqual([second.attempt, second.timeouts], [1, 1]);
      },

    'a fraction of a second in a ttr may be rounded up, never down': async (queue) => {
      await queue.put({ ttr: 1.4 });
      const [one, other] = [await queue.lease(), await queue.lease()];
      const watch = new Stopwatch();
      await one.reserveOne();
      await other.reserveOne(PATIENCE);
      watch.assertNotBefore(1.4);
    },

    'a lost job is reported, however it is settled, and nothing is changed': async (queue) => {
      const [id] = await queue.put({ ttr: 1, priority: 5 });
      const [one, other] = [await queue.lease(), await queue.lease()];
      const lost = await one.reserveOne();
      await until(async () => (await queue.stats()).ready === 1);
      assert.deepEqual(await one.delete(lost), [lost]);
      assert.deepEqual(await one.settle({ job: lost, outcome: 'release', delay: 60, priority: 9 }), [lost]);
      assert.deepEqual(await one.settle({ job: lost, outcome: 'bury', priority: 9 }), [lost]);
      assert.deepEqual(await one.renew(lost), [lost]);
      const again = await other.reserveOne(PATIENCE);
      assert.deepEqual([again.id, again.priority, again.attempt], [id, 5, 1]);
      assert.deepEqual(await other.delete(again), []);
    },

    'of several settled together, only the lost one is reported and left alone': async (queue) => {
      await queue.put({ ttr: 1 }, { ttr: 60 });
      const leases = await queue.lease();
      const [lost, ours] = await leases.reserve(2);
      await until(async () => (await queue.stats()).ready === 1);
      assert.deepEqual(
        await leases.settle({ job: lost!, outcome: 'delete' }, { job: ours!, outcome: 'delete' }),
        [lost],
      );
      const { ready, reserved } = await queue.stats();
      assert.deepEqual({ ready, reserved }, { ready: 1, reserved: 0 });
    },

    "a worker's second run of a job is safe from its first": async (queue) => {
      // Two seconds, so that the second run is not over before the case is, on a busy machine.
      const [id] = await queue.put({ ttr: 2 });
      const leases = await queue.lease();
      const first = await leases.reserveOne();
      await until(async () => (await queue.stats()).ready === 1);
      const second = await leases.reserveOne(PATIENCE);
      assert.equal(second.id, id);
      assert.deepEqual(await leases.renew(first), [first]);
      assert.deepEqual(await leases.delete(first), [first]);
      assert.deepEqual(await leases.release(first, 60), [first]);
      assert.deepEqual(await leases.bury(first), [first]);
      assert.equal((await queue.backend.inspect.find(id!))?.state, 'reserved');
      assert.deepEqual(await leases.delete(second), []);
      assert.equal(await queue.backend.inspect.find(id!), undefined);
    },

    'renew restarts the time to run': async (queue) => {
      await queue.put({ ttr: 4 });
      // A second of the backend's own time: this one becomes ready when it is over.
      const clock = queue.newPipeline();
      const [one, other] = [await queue.lease(), await queue.lease()];
      const renewAfterASecond = async (): Promise<[Leased, Stopwatch]> => {
        const job = await one.reserveOne(PATIENCE);
        const held = new Stopwatch();
        await queue.putTo(clock, { delay: 1 });
        await (await queue.lease(clock)).reserveOne(PATIENCE);
        const renewed = new Stopwatch();
        const lost = await one.renew(job);
        // On a busy machine its time may have run out before.
        if (lost.length > 0 && held.seconds >= 4) return renewAfterASecond();
        assert.deepEqual(lost, []);
        return [job, renewed];
      };
      const [job, watch] = await renewAfterASecond();
      await other.reserveOne(2 * PATIENCE);
      watch.assertNotBefore(4);
      assert.deepEqual(await one.renew(job), [job]);
    },
  },
};
