import assert from 'node:assert/strict';
import type { JobId } from '../../../../core/contract/job-data';
import type { JobFate } from '../../../../core/contract/ports/waiting';
import type { Theme } from '../../conformance-case';
import type { QueueUnderTest } from '../../queue-under-test';

async function fatesOf(
  { backend }: QueueUnderTest,
  ...ids: readonly JobId[]
): Promise<(JobFate | undefined)[]> {
  assert.ok(backend.features.waiting);
  const fates = await backend.features.waiting.fates(ids);
  return ids.map((id) => fates.get(id));
}

const open = { fate: 'open' };

export const waiting: Theme = {
  name: 'waiting',
  port: 'waiting',
  cases: {
    'a job that is ready, delayed or reserved is open': async (queue) => {
      const { ready, delayed, reserved } = await queue.oneInEachState();
      assert.deepEqual(await fatesOf(queue, ready, delayed, reserved), [open, open, open]);
    },

    'a job that is kept is completed, with its result': async (queue) => {
      await queue.put({}, {});
      const leases = await queue.lease();
      const [one, other] = await leases.reserve(2);
      await leases.settle(
        { job: one!, outcome: 'delete', keep: { for: 60, result: '{"pages":3}' } },
        { job: other!, outcome: 'delete', keep: { for: 60 } },
      );
      assert.deepEqual(await fatesOf(queue, one!.id, other!.id), [
        { fate: 'completed', result: '{"pages":3}' },
        { fate: 'completed' },
      ]);
    },

    'a buried job has its reason and its attempts, and is open again when it is kicked': async (queue) => {
      await queue.put({});
      const leases = await queue.lease();
      await leases.release(await leases.reserveOne());
      const job = await leases.reserveOne();
      await leases.settle({ job, outcome: 'bury', reason: 'näïve' });
      assert.deepEqual(await fatesOf(queue, job.id), [{ fate: 'buried', attempts: 2, reason: 'näïve' }]);
      await queue.backend.admin.kickJob(job.id);
      assert.deepEqual(await fatesOf(queue, job.id), [open]);
    },

    'a job that is gone without a trace has no fate, and neither has an id of nobody': async (queue) => {
      const [deleted, discarded] = await queue.put({}, { delay: 60 });
      const leases = await queue.lease();
      await leases.delete(await leases.reserveOne());
      await queue.backend.admin.discard(discarded!);
      const none = [deleted!, discarded!, '0', '999999999999', 'no id', "1' or '1'='1", '-1', ''];
      assert.deepEqual(
        await fatesOf(queue, ...none),
        none.map(() => undefined),
      );
    },

    'a cancelled job has its reason': async (queue) => {
      const { cancelling } = queue.backend.features;
      if (!cancelling) return;
      const [one, other] = await queue.put({}, {});
      await cancelling.cancel(one!, 'no more');
      await cancelling.cancel(other!);
      assert.deepEqual(await fatesOf(queue, one!, other!), [
        { fate: 'cancelled', reason: 'no more' },
        { fate: 'cancelled' },
      ]);
    },

    'one call tells of 3,000 jobs': async (queue) => {
      const ids = await queue.put(...Array.from({ length: 3_000 }, () => ({})));
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      await leases.settle({ job, outcome: 'delete', keep: { for: 60, result: '1' } });
      const fates = await fatesOf(queue, ...ids);
      for (const [index, fate] of fates.entries()) {
        const expected = ids[index] === job.id ? { fate: 'completed', result: '1' } : open;
        assert.deepEqual(fate, expected);
      }
    },

    'a job is never without a fate while it ends': async (queue) => {
      const ids = await queue.put(...Array.from({ length: 50 }, () => ({})));
      const leases = await queue.lease();
      const jobs = await leases.reserve(50);
      for (const job of jobs) {
        let ending = true;
        const end = async (): Promise<void> => {
          try {
            await leases.settle({ job, outcome: 'delete', keep: { for: 60 } });
          } finally {
            ending = false;
          }
        };
        // At least once for each job: so all but the first are seen open, and all but the last when they have ended.
        const look = async (): Promise<void> => {
          do for (const fate of await fatesOf(queue, ...ids)) assert.ok(fate);
          while (ending);
        };
        await Promise.all([end(), look()]);
      }
    },
  },
};
