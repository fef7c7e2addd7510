import assert from 'node:assert/strict';
import type { Theme } from '../../conformance-case';
import { PATIENCE, Stopwatch } from '../../timing';

export const wait: Theme = {
  name: 'wait',
  cases: {
    'without a wait reserve returns at once': async (queue) => {
      const leases = await queue.lease();
      const watch = new Stopwatch();
      assert.deepEqual(await leases.reserve(1, 0), []);
      watch.assertAtOnce();
    },

    'a put wakes a reserve that waits': async (queue) => {
      const coming = (await queue.lease()).reserveOne(PATIENCE);
      const watch = new Stopwatch();
      const [id] = await queue.put({});
      assert.equal((await coming).id, id);
      watch.assertAtOnce();
    },

    'tells of each look, so that the lease of a long wait is known to be no older than the last one': async (
      queue,
    ) => {
      let lookedAt = -Infinity;
      const leases = await queue.lease();
      const coming = leases.reserve(1, PATIENCE, undefined, () => (lookedAt = performance.now()));
      // Half a second of waiting.
      await (await queue.lease(queue.newPipeline())).reserve(1, 0.5);
      const putAt = performance.now();
      await queue.put({});
      assert.equal((await coming).length, 1);
      assert.ok(lookedAt >= putAt);
    },

    'a put into any of its pipelines wakes a reserve that waits': async (queue) => {
      const other = queue.newPipeline();
      const leases = await queue.lease(queue.pipeline, other);
      for (const pipeline of [other, queue.pipeline]) {
        const coming = leases.reserveOne(PATIENCE);
        const watch = new Stopwatch();
        await queue.putTo(pipeline, {});
        assert.equal((await coming).pipeline, pipeline);
        watch.assertAtOnce();
      }
    },

    'any number of reserves of one worker may wait at once': async (queue) => {
      const leases = await queue.lease();
      const coming = [leases.reserve(1, PATIENCE), leases.reserve(1, PATIENCE), leases.reserve(1, PATIENCE)];
      const ids = await queue.put({}, {}, {});
      const came = (await Promise.all(coming)).flat().map(({ id }) => id);
      assert.deepEqual(came.sort(), ids.sort());
    },

    'two that wait get one job each': async (queue) => {
      const [one, other] = [await queue.lease(), await queue.lease()];
      const coming = [one.reserve(1, PATIENCE), other.reserve(1, PATIENCE)];
      const ids = await queue.put({}, {});
      const came = (await Promise.all(coming)).flat().map(({ id }) => id);
      assert.deepEqual(came.sort(), ids.sort());
    },

    'a released job wakes another that waits': async (queue) => {
      const [id] = await queue.put({});
      const [one, other] = [await queue.lease(), await queue.lease()];
      const job = await one.reserveOne();
      const coming = other.reserveOne(PATIENCE);
      await one.release(job);
      assert.equal((await coming).id, id);
    },

    'a kicked job wakes one that waits': async (queue) => {
      const [first, second] = await queue.put({ delay: 60 }, { delay: 120 });
      const leases = await queue.lease();
      let coming = leases.reserveOne(PATIENCE);
      await queue.backend.admin.kick(queue.pipeline, 1);
      assert.equal((await coming).id, first);
      coming = leases.reserveOne(PATIENCE);
      await queue.backend.admin.kickJob(second!);
      assert.equal((await coming).id, second);
    },

    'settling does not wait for the next jobs': async (queue) => {
      await queue.put({});
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      const watch = new Stopwatch();
      assert.deepEqual(await leases.settleAndTake(1, { job, outcome: 'delete' }), { lost: [], next: [] });
      watch.assertAtOnce();
    },

    'jobs are settled and renewed while a reserve waits': async (queue) => {
      await queue.put({}, {});
      const leases = await queue.lease();
      const [one, other] = await leases.reserve(2);
      const coming = leases.reserveOne(PATIENCE);
      const watch = new Stopwatch();
      assert.deepEqual(await leases.renew(one!, other!), []);
      assert.deepEqual(await leases.delete(one!), []);
      assert.deepEqual(await leases.bury(other!), []);
      watch.assertAtOnce();
      assert.equal((await queue.stats()).reserved, 0);
      const [id] = await queue.put({});
      assert.equal((await coming).id, id);
    },

    'an aborted wait ends soon, with nothing': async (queue) => {
      const leases = await queue.lease();
      const abort = new AbortController();
      const waiting = leases.reserve(1, PATIENCE, abort.signal);
      const watch = new Stopwatch();
      abort.abort();
      assert.deepEqual(await waiting, []);
      watch.assertAtOnce();
    },

    'a wait that was aborted before it began ends soon, with nothing': async (queue) => {
      const leases = await queue.lease();
      const watch = new Stopwatch();
      assert.deepEqual(await leases.reserve(1, PATIENCE, AbortSignal.abort()), []);
      watch.assertAtOnce();
    },

    'an aborted wait takes no job that comes later, and the next one does': async (queue) => {
      const leases = await queue.lease();
      const abort = new AbortController();
      const aborted = leases.reserve(1, PATIENCE, abort.signal);
      abort.abort();
      await aborted;
      const [id] = await queue.put({});
      assert.equal((await queue.stats()).ready, 1);
      assert.equal((await leases.reserveOne(PATIENCE)).id, id);
    },

    'a job put at the moment of the abort is not lost': async (queue) => {
      const [stopping, staying] = [await queue.lease(), await queue.lease()];
      for (let i = 0; i < 20; i += 1) {
        const abort = new AbortController();
        const waiting = stopping.reserve(1, PATIENCE, abort.signal);
        // The two in either order, and with a little time between them or none.
        if (i % 2 === 0) abort.abort();
        const put = queue.put({});
        if (i % 4 === 1) await put;
        abort.abort();
        const [id] = await put;
        const [taken] = await waiting;
        if (taken) assert.deepEqual(await stopping.delete(taken), []);
        else assert.deepEqual(await staying.delete(await staying.reserveOne(PATIENCE)), []);
        assert.equal(await queue.backend.inspect.find(id!), undefined);
      }
    },
  },

  slowCases: {
    'an empty pipeline is waited for as long as was asked': async (queue) => {
      const leases = await queue.lease();
      const watch = new Stopwatch();
      assert.deepEqual(await leases.reserve(1, 1), []);
      watch.assertNotBefore(1);
    },

    'a delayed job comes when its delay is over, never before, and ends a wait': async (queue) => {
      const leases = await queue.lease();
      const watch = new Stopwatch();
      const [id] = await queue.put({ delay: 1 });
      // A busy machine may take until then for the put alone.
      const [early] = await leases.reserve(1);
      const job = early ?? (await leases.reserveOne(PATIENCE));
      assert.equal(job.id, id);
      watch.assertNotBefore(1);
    },

    'a delayed job that is put during a wait ends it when its delay is over': async (queue) => {
      const coming = (await queue.lease()).reserveOne(PATIENCE);
      const watch = new Stopwatch();
      const [id] = await queue.put({ delay: 1 });
      assert.equal((await coming).id, id);
      watch.assertNotBefore(1);
    },

    'a fraction of a second in a delay may be rounded up, never down': async (queue) => {
      const leases = await queue.lease();
      const watch = new Stopwatch();
      await queue.put({ delay: 0.4 });
      await leases.reserveOne(PATIENCE);
      watch.assertNotBefore(0.4);
    },

    'of two that wait for one job, one gets it': async (queue) => {
      const [one, other] = [await queue.lease(), await queue.lease()];
      // Long enough for the put to come before their ends, on a busy machine.
      const coming = [one.reserve(1, 3), other.reserve(1, 3)];
      await queue.put({});
      assert.equal((await Promise.all(coming)).flat().length, 1);
    },
  },
};
