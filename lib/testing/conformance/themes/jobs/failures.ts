import assert from 'node:assert/strict';
import { LONGEST_FAILURE, MOST_FAILURES } from '../../../../core/contract/failed-attempt';
import { feature } from '../../../../core/contract/features';
import type { Theme } from '../../conformance-case';

export const failures: Theme = {
  name: 'failures',
  port: 'history',
  cases: {
    'why each attempt failed is told while the job is tried, buried and kept': async (queue) => {
      const [id] = await queue.put({});
      const leases = await queue.lease();
      const told = async () => {
        const found = await queue.backend.inspect.find(id!);
        return found?.failures?.map(({ attempt, error }) => [attempt, error]);
      };
      const reason = (text: string) => `Error: ${text}\n  at "ada’s"\\?\u{1f600}`;
      assert.equal(await told(), undefined);
      const first = await leases.reserveOne();
      await leases.settle({ job: first, outcome: 'release', delay: 0, reason: reason('one'), ran: 2 });
      assert.deepEqual(await told(), [[1, reason('one')]]);
      const planned = await leases.reserveOne();
      await leases.settle({ job: planned, outcome: 'release', delay: 0, planned: true, reason: 'wait' });
      assert.deepEqual(await told(), [[1, reason('one')]]);
      const second = await leases.reserveOne();
      await leases.settle({ job: second, outcome: 'bury', reason: reason('two') });
      const both = [
        [1, reason('one')],
        [second.attempt, reason('two')],
      ];
      assert.deepEqual(await told(), both);
      const buried = await queue.backend.inspect.peek(queue.pipeline, 'buried');
      assert.equal(buried?.failures?.length, 2);
      const { startedAt, endedAt } = buried.failures[0]!;
      assert.equal(endedAt.getTime() - startedAt.getTime(), 2000);

      await queue.backend.admin.kickJob(id!);
      assert.deepEqual(await told(), both);
      const job = await leases.reserveOne();
      await leases.settle({ job, outcome: 'delete', keep: { for: Infinity } });
      const kept = await feature(queue.backend, 'history').find(id!);
      assert.deepEqual(
        kept?.failures.map(({ attempt, error }) => [attempt, error]),
        both,
      );
    },

    'a release without a reason is no failure': async (queue) => {
      const [id] = await queue.put({});
      const leases = await queue.lease();
      await leases.release(await leases.reserveOne());
      assert.equal((await queue.backend.inspect.find(id!))?.failures, undefined);
    },

    'attempts of several jobs that end in one call are told apart': async (queue) => {
      const ids = await queue.put({}, {}, {});
      const leases = await queue.lease();
      const [one, two, three] = await leases.reserve(3);
      await leases.settle(
        { job: one!, outcome: 'release', delay: 60, reason: 'one' },
        { job: two!, outcome: 'release', delay: 60 },
        { job: three!, outcome: 'bury', reason: 'three' },
      );
      const errors = async (id: string) =>
        (await queue.backend.inspect.find(id))?.failures?.map(({ error }) => error);
      assert.deepEqual(await Promise.all(ids.map(errors)), [['one'], undefined, ['three']]);
    },

    'the last 20 are remembered, each up to 2 KiB': async (queue) => {
      const [id] = await queue.put({});
      const leases = await queue.lease();
      const long = 'é\0\n"'.repeat(1000);
      for (let attempt = 1; attempt <= MOST_FAILURES + 2; attempt += 1) {
        const job = await leases.reserveOne();
        await leases.settle({ job, outcome: 'release', delay: 0, reason: `${attempt} ${long}` });
      }
      const found = (await queue.backend.inspect.find(id!))?.failures ?? [];
      const numbers = found.map(({ error }) => Number.parseInt(error, 10));
      assert.deepEqual(
        numbers,
        Array.from({ length: MOST_FAILURES }, (_, index) => index + 3),
      );
      for (const { error } of found) {
        assert.ok(Buffer.byteLength(error) <= LONGEST_FAILURE, `${Buffer.byteLength(error)} bytes`);
        assert.ok(error.length > 500, error);
      }
    },

    'a job that begins anew has none': async (queue) => {
      const { editing } = queue.backend.features;
      if (!editing) return;
      const [id] = await queue.put({});
      const leases = await queue.lease();
      await leases.settle({ job: await leases.reserveOne(), outcome: 'bury', reason: 'no' });
      assert.equal((await queue.backend.inspect.find(id!))?.failures?.length, 1);
      await editing.restartJob(id!);
      assert.equal((await queue.backend.inspect.find(id!))?.failures, undefined);
    },
  },
};
