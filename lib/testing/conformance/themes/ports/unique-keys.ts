import assert from 'node:assert/strict';
import type { Leased, UniqueKey } from '../../../../core/contract/job-data';
import type { Theme } from '../../conformance-case';
import { PATIENCE, Stopwatch, until } from '../../timing';
import { added, existed, job, payloads, put, putOne } from '../../unique-jobs';

export const uniqueKeys: Theme = {
  name: 'unique keys',
  port: 'uniqueKeys',
  cases: {
    'a second job of a key is not stored, and its put returns the id of the first': async (queue) => {
      const id = await added(queue, job('1', { key: 'a' }));
      await existed(queue, id, job('2', { key: 'a' }, { delay: 60, priority: 0 }));
      const other = await added(queue, job('3', { key: 'b' }));
      assert.notEqual(other, id);
      assert.deepEqual(await queue.stats(), { ready: 2, delayed: 0, reserved: 0, buried: 0, pausedFor: 0 });
      assert.deepEqual(await payloads(queue), ['1', '3']);
    },

    'a job holds its key while it is delayed, ready, reserved, and waits to be tried again': async (
      queue,
    ) => {
      const one = job('1', { key: 'a' });
      const id = await added(queue, { ...one, delay: 60 });
      await existed(queue, id, one);
      await queue.backend.admin.kickJob(id);
      await existed(queue, id, one);
      const leases = await queue.lease();
      const running = await leases.reserveOne();
      await existed(queue, id, one);
      await leases.release(running, 60);
      await existed(queue, id, one);
      await queue.backend.admin.kickJob(id);
      await leases.delete(await leases.reserveOne());
      await added(queue, one);
    },

    'a job that is removed frees its key': async (queue) => {
      const one = job('1', { key: 'a' });
      const { admin } = queue.backend;
      assert.equal(await admin.discard(await added(queue, one)), true);
      await added(queue, one);
      assert.equal(await admin.clear(queue.pipeline, 'ready'), 1);
      await added(queue, one);
    },

    'burying frees the key: the next job takes it, and the buried one, kicked, runs without it': async (
      queue,
    ) => {
      const leases = await queue.lease();
      const buried = await added(queue, job('1', { key: 'a' }));
      await leases.bury(await leases.reserveOne());
      const next = await added(queue, job('2', { key: 'a' }));
      assert.equal(await queue.backend.admin.kickJob(buried), true);
      await existed(queue, next, job('3', { key: 'a' }));
      const [first, second] = await leases.reserve(2);
      assert.deepEqual([first?.id, second?.id], [buried, next]);
      await leases.delete(second as Leased);
      // The kicked one runs still.
      const last = await added(queue, job('4', { key: 'a' }));
      await leases.delete(first as Leased);
      await existed(queue, last, job('5', { key: 'a' }));
    },

    'a buried job that is kicked holds its key again when nobody has taken it': async (queue) => {
      const leases = await queue.lease();
      const id = await added(queue, job('1', { key: 'a' }));
      await leases.bury(await leases.reserveOne());
      assert.equal(await queue.backend.admin.kick(queue.pipeline, 1), 1);
      await existed(queue, id, job('2', { key: 'a' }));
      await leases.delete(await leases.reserveOne());
      await added(queue, job('3', { key: 'a' }));
    },

    'until start: one job waits while one runs, and no third is stored': async (queue) => {
      const one = job('1', { key: 'a', until: 'start' });
      const leases = await queue.lease();
      const first = await added(queue, one);
      await existed(queue, first, one);
      const running = await leases.reserveOne();
      const second = await added(queue, one);
      await existed(queue, second, one);
      // A job that waits for its next attempt has been started.
      await leases.release(running, 60);
      await existed(queue, second, one);
      await leases.delete(await leases.reserveOne());
      await added(queue, one);
    },

    'until start: a job that was started does not hold the key while it waits to be tried again': async (
      queue,
    ) => {
      const one = job('1', { key: 'a', until: 'start' });
      const leases = await queue.lease();
      const first = await added(queue, one);
      await leases.release(await leases.reserveOne(), 60);
      const second = await added(queue, one);
      assert.notEqual(second, first);
    },

    'until start: a job that was given back unstarted holds its key': async (queue) => {
      const one = job('1', { key: 'a', until: 'start' });
      const leases = await queue.lease();
      const id = await added(queue, one);
      await leases.giveBack(await leases.reserveOne());
      if (!leases.returns) await leases.close();
      await until(async () => (await queue.stats()).ready === 1);
      await existed(queue, id, one);
    },

    'the same key several times in one call is one job': async (queue) => {
      const [first, again, plain, other, last] = await put(
        queue,
        job('1', { key: 'a' }),
        job('2', { key: 'a' }),
        { payload: 'plain', priority: 1024, delay: 0, ttr: 60 },
        job('3', { key: 'b', onConflict: 'replace' }),
        job('4', { key: 'b', onConflict: 'replace' }),
      );
      assert.deepEqual([first?.existed, again?.existed, plain?.existed], [false, true, false]);
      assert.deepEqual([other?.existed, last?.existed], [false, true]);
      assert.equal(again?.id, first?.id);
      assert.equal(last?.id, other?.id);
      assert.equal(new Set([first?.id, plain?.id, other?.id]).size, 3);
      assert.deepEqual((await payloads(queue)).sort(), ['1', '4', 'plain']);
    },

    'one key with different wishes in one call: each is granted in its turn': async (queue) => {
      const [first, second, third] = await put(
        queue,
        job('1', { key: 'a' }),
        job('2', { key: 'a', onConflict: 'replace' }),
        job('3', { key: 'a', until: 'start' }),
      );
      assert.deepEqual([first?.existed, second?.existed, third?.existed], [false, true, true]);
      assert.deepEqual(await payloads(queue), ['2']);
    },

    'keys of another pipeline, case, accent or length are other keys': async (queue) => {
      const keys = [
        'key',
        'KEY',
        'kéy',
        'ke\u0301y',
        ' key',
        "k'e\\y",
        'key%',
        '😀',
        'ключ',
        'x'.repeat(255),
      ];
      const results = await put(queue, ...keys.map((key) => job('1', { key })));
      assert.deepEqual(
        results.map(({ existed: known }) => known),
        keys.map(() => false),
      );
      for (const [index, key] of keys.entries()) await existed(queue, results[index]!.id, job('2', { key }));
      const other = queue.newPipeline();
      const [apart] = await queue.backend.put(other, [job('3', { key: 'key' })]);
      assert.equal(apart?.existed, false);
    },

    'of many puts of one key at the same time one is stored, and all get its id': async (queue) => {
      const puts = Array.from({ length: 50 }, (_, index) => putOne(queue, job(`${index}`, { key: 'a' })));
      const results = await Promise.all(puts);
      assert.equal(new Set(results.map(({ id }) => id)).size, 1);
      assert.equal(results.filter((result) => !result.existed).length, 1);
      assert.equal((await queue.stats()).ready, 1);
    },

    'one call takes 1,200 jobs with keys, and a second one finds them all': async (queue) => {
      const jobs = Array.from({ length: 1200 }, (_, index) => job(`${index}`, { key: `key ${index}` }));
      const first = await put(queue, ...jobs);
      const second = await put(queue, ...jobs);
      assert.ok(first.every((result) => !result.existed));
      assert.deepEqual(
        second,
        first.map(({ id }) => ({ id, existed: true })),
      );
      assert.equal((await queue.stats()).ready, 1200);
      const [some] = await put(queue, job('0', { key: 'key 700', onConflict: 'replace' }));
      assert.equal((await queue.backend.inspect.find(some!.id))?.payload, '0');
    },

    'find returns the job that has the key: waiting, running or buried, and none when it is gone': async (
      queue,
    ) => {
      const { features, admin } = queue.backend;
      const find = (key: string) => features.uniqueKeys?.find(queue.pipeline, key);
      assert.equal(await find('a'), undefined);
      const leases = await queue.lease();
      const id = await added(queue, job('1', { key: 'a' }));
      assert.equal(await find('a'), id);
      assert.equal(await find('A'), undefined);
      const running = await leases.reserveOne();
      assert.equal(await find('a'), id);
      await leases.bury(running);
      assert.equal(await find('a'), id);
      const next = await added(queue, job('2', { key: 'a' }));
      assert.equal(await find('a'), next);
      await admin.discard(next);
      assert.equal(await find('a'), undefined);
    },

    'a snapshot shows the key until another job has it': async (queue) => {
      const keyOf = async (id: string) => (await queue.backend.inspect.find(id))?.unique;
      const leases = await queue.lease();
      const [plain] = await queue.put({});
      assert.equal(await keyOf(plain!), undefined);
      await leases.delete(await leases.reserveOne());
      const id = await added(queue, job('1', { key: 'a ’\u{1f600}' }));
      assert.equal(await keyOf(id), 'a ’\u{1f600}');
      assert.equal((await queue.backend.inspect.peek(queue.pipeline, 'ready'))?.unique, 'a ’\u{1f600}');
      await leases.bury(await leases.reserveOne());
      assert.equal(await keyOf(id), 'a ’\u{1f600}');
      const next = await added(queue, job('2', { key: 'a ’\u{1f600}' }));
      assert.equal(await keyOf(id), undefined);
      assert.equal(await keyOf(next), 'a ’\u{1f600}');
    },

    'a job with a key wakes a reserve that waits': async (queue) => {
      const leases = await queue.lease();
      const waiting = leases.reserveOne(PATIENCE);
      const watch = new Stopwatch();
      const id = await added(queue, job('1', { key: 'a' }));
      assert.equal((await waiting).id, id);
      watch.assertAtOnce();
    },
  },

  slowCases: {
    'a job whose reservation has run out holds its key until done, and not until start': async (queue) => {
      const leases = await queue.lease();
      const one = (key: string, ends: UniqueKey['until']) => job('1', { key, until: ends }, { ttr: 1 });
      const first = await added(queue, one('a', 'done'));
      const second = await added(queue, one('b', 'start'));
      await leases.reserve(2);
      await until(async () => (await queue.stats()).ready === 2);
      await existed(queue, first, one('a', 'done'));
      assert.notEqual(await added(queue, one('b', 'start')), second);
    },
  },
};
