import assert from 'node:assert/strict';
import type { Theme } from '../../conformance-case';
import { PATIENCE, Stopwatch, until } from '../../timing';
import { added, existed, job, payloads, putOne } from '../../unique-jobs';

export const uniqueConflicts: Theme = {
  name: 'unique conflicts',
  port: 'uniqueKeys',
  cases: {
    'replace makes the job that waits the new one, which keeps its id': async (queue) => {
      const id = await added(queue, job('1', { key: 'a' }, { delay: 60 }));
      const changed = job('2', { key: 'a', onConflict: 'replace' }, { priority: 7, ttr: 30, delay: 120 });
      await existed(queue, id, changed);
      const found = await queue.backend.inspect.find(id);
      assert.ok(found && found.delay > 90);
      assert.deepEqual([found.payload, found.priority, found.ttr, found.state], ['2', 7, 30, 'delayed']);
      await existed(queue, id, job('3', { key: 'a', onConflict: 'replace' }));
      assert.deepEqual(await payloads(queue), ['3']);
    },

    'a job that is replaced has all of its attempts before it': async (queue) => {
      const leases = await queue.lease();
      const id = await added(queue, job('1', { key: 'a' }));
      await leases.release(await leases.reserveOne());
      await existed(queue, id, job('2', { key: 'a', onConflict: 'replace' }));
      const { payload, attempt } = await leases.reserveOne();
      assert.deepEqual([payload, attempt], ['2', 1]);
    },

    'replace leaves a running job alone and adds its successor, which is replaced in its turn': async (
      queue,
    ) => {
      const replace = (payload: string) => job(payload, { key: 'a', onConflict: 'replace' });
      const leases = await queue.lease();
      await added(queue, replace('1'));
      const running = await leases.reserveOne();
      const successor = await added(queue, replace('2'));
      await existed(queue, successor, replace('3'));
      assert.deepEqual(await leases.delete(running), []);
      assert.deepEqual(await payloads(queue), ['3']);
    },

    'a delayed job that is replaced by one without a delay wakes a reserve that waits': async (queue) => {
      const leases = await queue.lease();
      const id = await added(queue, job('1', { key: 'a' }, { delay: 60 }));
      const waiting = leases.reserveOne(PATIENCE);
      const watch = new Stopwatch();
      await existed(queue, id, job('2', { key: 'a', onConflict: 'replace' }));
      assert.equal((await waiting).payload, '2');
      watch.assertAtOnce();
    },
  },

  slowCases: {
    'debounce waits for the delay anew with every put': async (queue) => {
      const debounced = (payload: string) => job(payload, { key: 'a', onConflict: 'debounce' }, { delay: 1 });
      const id = await added(queue, debounced('1'));
      const leases = await queue.lease();
      const early = await leases.reserve(1, 0.6);
      assert.deepEqual(early, []);
      const watch = new Stopwatch();
      await existed(queue, id, debounced('2'));
      assert.equal((await leases.reserveOne(PATIENCE)).payload, '2');
      watch.assertNotBefore(1);
    },

    'debounce waits no longer than maxWait since the job was added': async (queue) => {
      const debounced = job('1', { key: 'a', onConflict: 'debounce', maxWait: 60 }, { delay: 60 });
      const id = await added(queue, debounced);
      assert.deepEqual(await (await queue.lease()).reserve(1, 1), []);
      await existed(queue, id, debounced);
      const found = await queue.backend.inspect.find(id);
      assert.ok(found && found.delay < 59.5, `waits for ${found?.delay} s more, although a second is over`);
    },

    'for: no other job is added within that time, though the first one is done, and then one is': async (
      queue,
    ) => {
      const throttled = job('1', { key: 'a', for: 1.5 });
      const watch = new Stopwatch();
      const id = await added(queue, throttled);
      const leases = await queue.lease();
      await leases.delete(await leases.reserveOne());
      await existed(queue, id, throttled);
      await existed(queue, id, throttled);
      await until(async () => !(await putOne(queue, throttled)).existed);
      watch.assertNotBefore(1.5);
      const next = await leases.reserveOne();
      await existed(queue, next.id, throttled);
    },
  },
};
