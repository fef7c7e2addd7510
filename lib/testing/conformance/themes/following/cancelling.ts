import assert from 'node:assert/strict';
import { JobCancelledError } from '../../../../core/contract/errors';
import type { Cancelling } from '../../../../core/contract/ports/cancelling';
import type { Theme } from '../../conformance-case';
import type { QueueUnderTest } from '../../queue-under-test';
import type { TestLeases } from '../../test-leases';
import { until } from '../../timing';

/** A process that is told more slowly has not been told within a second; under load it may be a little late. */
const SOON_MS = 2000;

function cancellingOf({ backend }: QueueUnderTest): Cancelling {
  assert.ok(backend.features.cancelling);
  return backend.features.cancelling;
}

const idsOf = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id);

const nothing = { ready: 0, delayed: 0, reserved: 0, buried: 0, pausedFor: 0 };

function assertCancelled({ ends }: TestLeases, job: object, reason: string | undefined): void {
  const end = [...ends].find(([one]) => one === job)?.[1];
  assert.ok(end instanceof JobCancelledError, 'the holder is told by onLost, with a JobCancelledError');
  assert.equal(end.reason, reason);
}

export const cancelling: Theme = {
  name: 'cancelling',
  port: 'cancelling',
  cases: {
    'a job is cancelled in every state, and is in none then': async (queue) => {
      const ids = await queue.oneInEachState();
      for (const id of Object.values(ids)) {
        assert.equal(await cancellingOf(queue).cancel(id), true);
        assert.equal(await queue.backend.inspect.find(id), undefined);
      }
      assert.deepEqual(await queue.stats(), nothing);
    },

    'a job that does not exist, has ended or is cancelled already cannot be cancelled': async (queue) => {
      const [done, twice] = await queue.put({}, {});
      const leases = await queue.lease();
      await leases.delete(await leases.reserveOne());
      await cancellingOf(queue).cancel(twice!);
      for (const id of [done!, twice!, '0', '999999999999', 'no id', '-1', ''])
        assert.equal(await cancellingOf(queue).cancel(id), false);
    },

    'the holder of a cancelled job is told within a second, with the reason': async (queue) => {
      await queue.put({}, {}, {});
      const leases = await queue.lease();
      const [first, second, third] = await leases.reserve(3);
      const before = performance.now();
      await cancellingOf(queue).cancel(first!.id, 'näïve reason 😀');
      await cancellingOf(queue).cancel(second!.id);
      await until(async () => leases.ends.size === 2);
      const took = performance.now() - before;
      assert.ok(took < SOON_MS, `told after ${took.toFixed()} ms`);
      assertCancelled(leases, first!, 'näïve reason 😀');
      assertCancelled(leases, second!, undefined);
      assert.deepEqual(await leases.renew(third!), []);
      assert.deepEqual(await leases.delete(third!), []);
    },

    'a cancelled job cannot be settled, and its holder knows why when it is reported lost': async (queue) => {
      await queue.put({}, {}, {});
      const leases = await queue.lease();
      const jobs = await leases.reserve(3);
      for (const { id } of jobs) await cancellingOf(queue).cancel(id, 'no more');
      const [deleted, released, buried] = jobs;
      const lost = await leases.settle(
        { job: deleted!, outcome: 'delete' },
        { job: released!, outcome: 'release', delay: 0 },
        { job: buried!, outcome: 'bury' },
      );
      assert.deepEqual(lost, jobs);
      for (const job of jobs) assertCancelled(leases, job, 'no more');
      assert.deepEqual(await queue.stats(), nothing);
    },

    'a cancelled job is not renewed or given back, and its holder knows why': async (queue) => {
      await queue.put({}, {});
      const leases = await queue.lease();
      const [renewed, back] = await leases.reserve(2);
      await cancellingOf(queue).cancel(renewed!.id, 'no more');
      assert.deepEqual(await leases.renew(renewed!), [renewed]);
      assertCancelled(leases, renewed!, 'no more');
      await cancellingOf(queue).cancel(back!.id);
      await leases.giveBack(back!);
      assert.deepEqual(await leases.reserve(1), []);
      assert.deepEqual(await queue.stats(), nothing);
    },

    'a job that is cancelled frees its unique key': async (queue) => {
      if (!queue.backend.features.uniqueKeys) return;
      const job = {
        payload: '1',
        priority: 0,
        delay: 0,
        ttr: 60,
        unique: { key: 'a', onConflict: 'keep', until: 'done' },
      } as const;
      const [first] = await queue.put(job);
      const leases = await queue.lease();
      await leases.reserveOne();
      await cancellingOf(queue).cancel(first!);
      const [second] = await queue.put(job);
      assert.notEqual(second, first);
    },

    'of a cancellation and a settlement at the same time one has its way': async (queue) => {
      const ids = await queue.put(...Array.from({ length: 20 }, () => ({})));
      const leases = await queue.lease();
      const jobs = await leases.reserve(20);
      const [cancelled, lost] = await Promise.all([
        Promise.all(ids.map((id) => cancellingOf(queue).cancel(id))),
        Promise.all(jobs.map((job) => leases.delete(job))),
      ]);
      for (const [index, id] of ids.entries()) {
        const place = jobs.findIndex((job) => job.id === id);
        assert.equal(cancelled[index], lost[place]!.length === 1);
      }
      assert.deepEqual(await queue.stats(), nothing);
    },

    'a job that is called off is kept, with the reason and what has failed before': async (queue) => {
      const { history } = queue.backend.features;
      if (!history) return;
      const [id] = await queue.put({ payload: '{"n":1}', headers: '{"a":1}' });
      const leases = await queue.lease();
      const failed = { outcome: 'release', delay: 60, reason: 'no memory' } as const;
      await leases.settle({ job: await leases.reserveOne(), ...failed });
      await cancellingOf(queue).cancel(id!, 'näïve reason 😀');
      const job = await history.find(id!);
      assert.ok(job);
      const { state, payload, headers, error, attempts, failures, startedAt } = job;
      assert.deepEqual(
        { state, payload, headers, error, attempts, failures: failures.map((each) => each.error), startedAt },
        {
          ...{ state: 'cancelled', payload: '{"n":1}', headers: '{"a":1}', error: 'näïve reason 😀' },
          ...{ attempts: 1, failures: ['no memory'], startedAt: undefined },
        },
      );
      assert.deepEqual(idsOf(await history.list(queue.pipeline, { state: 'cancelled', limit: 10 })), [id]);
    },
  },

  slowCases: {
    'jobs that are called off are kept as their pipeline says, or they themselves': async (queue) => {
      const { history } = queue.backend.features;
      if (!history) return;
      await history.keepCancelled(queue.pipeline, { for: Infinity, most: 2 });
      await queue.lease();
      const own = { retry: '{"keep":{"for":null,"most":1}}' };
      const ids = await queue.put({}, {}, {}, own, own);
      for (const id of ids) assert.equal(await cancellingOf(queue).cancel(id), true);
      const kept = async () => idsOf(await history.list(queue.pipeline, { limit: 10 }));
      await until(async () => (await kept()).length === 3);
      assert.deepEqual(await kept(), [ids[4], ids[2], ids[1]]);
    },
  },
};
