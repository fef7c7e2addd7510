import assert from 'node:assert/strict';
import type { Theme } from '../conformance-case';
import { PATIENCE, Stopwatch } from '../timing';

export const wait: Theme = {
  name: 'wait',
  cases: {
    'without a wait the answer comes at once': async (queue) => {
      const consumer = await queue.consumer();
      const watch = new Stopwatch();
      assert.deepEqual(await consumer.reserve(1, 0), []);
      watch.assertAtOnce();
    },

    'a put wakes an exchange that waits': async (queue) => {
      const coming = (await queue.consumer()).reserveOne(PATIENCE);
      const watch = new Stopwatch();
      const [id] = await queue.put({});
      assert.equal((await coming).id, id);
      watch.assertAtOnce();
    },

    'a put into any of its pipelines wakes an exchange that waits': async (queue) => {
      const other = queue.newPipeline();
      const consumer = await queue.consumer(queue.pipeline, other);
      for (const pipeline of [other, queue.pipeline]) {
        const coming = consumer.reserveOne(PATIENCE);
        const watch = new Stopwatch();
        await queue.putTo(pipeline, {});
        assert.equal((await coming).pipeline, pipeline);
        watch.assertAtOnce();
      }
    },

    'two that wait get one job each': async (queue) => {
      const [one, other] = [await queue.consumer(), await queue.consumer()];
      const coming = [one.reserve(1, PATIENCE), other.reserve(1, PATIENCE)];
      const ids = await queue.put({}, {});
      const came = (await Promise.all(coming)).flat().map(({ id }) => id);
      assert.deepEqual(came.sort(), ids.sort());
    },

    'a released job wakes another that waits': async (queue) => {
      const [id] = await queue.put({});
      const [one, other] = [await queue.consumer(), await queue.consumer()];
      const job = await one.reserveOne();
      const coming = other.reserveOne(PATIENCE);
      await one.release(job);
      assert.equal((await coming).id, id);
    },

    'a kicked job wakes one that waits': async (queue) => {
      const [first, second] = await queue.put({ delay: 60 }, { delay: 120 });
      const consumer = await queue.consumer();
      let coming = consumer.reserveOne(PATIENCE);
      await queue.backend.kick(queue.pipeline, 1);
      assert.equal((await coming).id, first);
      coming = consumer.reserveOne(PATIENCE);
      await queue.backend.kickJob(second!);
      assert.equal((await coming).id, second);
    },

    'an exchange that settles does not wait': async (queue) => {
      await queue.put({});
      const consumer = await queue.consumer();
      const job = await consumer.reserveOne();
      const watch = new Stopwatch();
      const answer = await consumer.exchange({
        settle: [{ job, outcome: 'delete' }],
        reserve: 1,
        wait: PATIENCE,
      });
      watch.assertAtOnce();
      assert.deepEqual(answer, { lost: [], reserved: [] });
    },

    'jobs are settled and touched while another exchange waits': async (queue) => {
      await queue.put({}, {});
      const consumer = await queue.consumer();
      const [one, other] = await consumer.reserve(2);
      const coming = consumer.reserveOne(PATIENCE);
      const watch = new Stopwatch();
      assert.deepEqual(await consumer.touch(one!, other!), []);
      assert.deepEqual(await consumer.delete(one!), []);
      assert.deepEqual(await consumer.bury(other!), []);
      watch.assertAtOnce();
      assert.equal((await queue.stats()).reserved, 0);
      const [id] = await queue.put({});
      assert.equal((await coming).id, id);
    },

    'an aborted wait answers soon, with nothing': async (queue) => {
      const consumer = await queue.consumer();
      const abort = new AbortController();
      const answer = consumer.exchange({ reserve: 1, wait: PATIENCE, signal: abort.signal });
      const watch = new Stopwatch();
      abort.abort();
      assert.deepEqual(await answer, { lost: [], reserved: [] });
      watch.assertAtOnce();
    },

    'a wait that was aborted before it began answers soon, with nothing': async (queue) => {
      const consumer = await queue.consumer();
      const watch = new Stopwatch();
      const answer = await consumer.exchange({ reserve: 1, wait: PATIENCE, signal: AbortSignal.abort() });
      watch.assertAtOnce();
      assert.deepEqual(answer, { lost: [], reserved: [] });
    },

    'an aborted wait takes no job that comes later, and its consumer goes on': async (queue) => {
      const consumer = await queue.consumer();
      const abort = new AbortController();
      const aborted = consumer.exchange({ reserve: 1, wait: PATIENCE, signal: abort.signal });
      abort.abort();
      await aborted;
      const [id] = await queue.put({});
      assert.equal((await queue.stats()).ready, 1);
      assert.equal((await consumer.reserveOne(PATIENCE)).id, id);
    },

    'a job put at the moment of the abort is not lost': async (queue) => {
      const [stopping, staying] = [await queue.consumer(), await queue.consumer()];
      for (let i = 0; i < 20; i += 1) {
        const abort = new AbortController();
        const answer = stopping.exchange({ reserve: 1, wait: PATIENCE, signal: abort.signal });
        // The two in either order, and with a little time between them or none.
        if (i % 2 === 0) abort.abort();
        const put = queue.put({});
        if (i % 4 === 1) await put;
        abort.abort();
        const [id] = await put;
        const [taken] = (await answer).reserved;
        if (taken) assert.deepEqual(await stopping.delete(taken), []);
        else assert.deepEqual(await staying.delete(await staying.reserveOne(PATIENCE)), []);
        assert.equal(await queue.backend.find(id!), undefined);
      }
    },
  },

  slowCases: {
    'an empty pipeline is waited for as long as was asked': async (queue) => {
      const consumer = await queue.consumer();
      const watch = new Stopwatch();
      assert.deepEqual(await consumer.reserve(1, 1), []);
      watch.assertNotBefore(1);
    },

    'a delayed job comes when its delay is over, never before, and ends a wait': async (queue) => {
      const consumer = await queue.consumer();
      const watch = new Stopwatch();
      const [id] = await queue.put({ delay: 1 });
      // A busy machine may take until then for the put alone.
      const [early] = await consumer.reserve(1);
      const job = early ?? (await consumer.reserveOne(PATIENCE));
      assert.equal(job.id, id);
      watch.assertNotBefore(1);
    },

    'a delayed job that is put during a wait ends it when its delay is over': async (queue) => {
      const coming = (await queue.consumer()).reserveOne(PATIENCE);
      const watch = new Stopwatch();
      const [id] = await queue.put({ delay: 1 });
      assert.equal((await coming).id, id);
      watch.assertNotBefore(1);
    },

    'a broken delay may be rounded up, never down': async (queue) => {
      const consumer = await queue.consumer();
      const watch = new Stopwatch();
      await queue.put({ delay: 0.4 });
      await consumer.reserveOne(PATIENCE);
      watch.assertNotBefore(0.4);
    },

    'of two that wait for one job, one gets it': async (queue) => {
      const [one, other] = [await queue.consumer(), await queue.consumer()];
      // Long enough for the put to come before their ends, on a busy machine.
      const coming = [one.reserve(1, 3), other.reserve(1, 3)];
      await queue.put({});
      assert.equal((await Promise.all(coming)).flat().length, 1);
    },
  },
};
