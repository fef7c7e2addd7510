import assert from 'node:assert/strict';
import type { JobQueueError } from '../../../../core/contract/errors';
import type { NewJob } from '../../../../core/contract/job-data';
import type { Theme } from '../../conformance-case';
import type { QueueUnderTest } from '../../queue-under-test';

const UNKNOWN_IDS = ['no id at all', '', '0', '18446744073709551615'];

/** Whether the backend takes such a job beside a plain one. Where it refuses, it has stored neither. */
async function takes(queue: QueueUnderTest, job: Partial<NewJob>): Promise<boolean> {
  const [put] = await Promise.allSettled([queue.put({}, job)]);
  if (put.status === 'fulfilled') return true;
  assert.equal((put.reason as JobQueueError).code, 'UNSUPPORTED_BY_BACKEND');
  assert.equal((await queue.stats()).ready, 0);
  return false;
}

export const inspect: Theme = {
  name: 'inspect',
  cases: {
    'a job keeps attempts and backoff of its own, or is refused before anything is stored': async (queue) => {
      const retry = '{"attempts":3}';
      if (!(await takes(queue, { retry }))) return;
      const [plain, own] = await (await queue.lease()).reserve(2);
      assert.deepEqual([plain?.retry, own?.retry], [undefined, retry]);
    },

    'a job keeps its headers, or is refused before anything is stored': async (queue) => {
      const headers = '{"trace":"00-ab"}';
      if (!(await takes(queue, { headers }))) return;
      const [plain, own] = await (await queue.lease()).reserve(2);
      assert.deepEqual([plain?.headers, own?.headers], [undefined, headers]);
    },

    'without a port for unique keys, a job with one is refused before anything is stored': async (queue) => {
      const taken = await takes(queue, { unique: { key: 'one', onConflict: 'keep', until: 'done' } });
      assert.equal(taken, queue.backend.features.uniqueKeys !== undefined);
    },

    'find shows a job as it was put': async (queue) => {
      const [id] = await queue.put({ payload: '{"to":"a@b.example"}', priority: 9, ttr: 30 });
      const job = await queue.backend.inspect.find(id!);
      assert.ok(job);
      const { addedAt, ...rest } = job;
      assert.deepEqual(rest, {
        id,
        pipeline: queue.pipeline,
        payload: '{"to":"a@b.example"}',
        priority: 9,
        ttr: 30,
        state: 'ready',
        attempts: 0,
        timeouts: 0,
        kicks: 0,
        delay: 0,
      });
      // Not every backend knows it. A wrong time zone would be off by half an hour at least.
      const age = Date.now() - (addedAt ?? new Date()).getTime();
      assert.ok(Math.abs(age) < 60_000, `added ${age} ms ago`);
    },

    'find shows every state, and how long it still lasts': async (queue) => {
      const ids = await queue.oneInEachState();
      for (const [state, id] of Object.entries(ids)) {
        const job = await queue.backend.inspect.find(id);
        assert.equal(job?.state, state);
        if (state === 'ready' || state === 'buried') assert.equal(job?.delay, 0);
        else assert.ok(job.delay > 50 && job.delay <= 60, `${state} for ${job.delay} s`);
      }
    },

    'a buried job tells when that was, where it is known, and another one does not': async (queue) => {
      const ids = await queue.oneInEachState();
      for (const [state, id] of Object.entries(ids)) {
        const job = await queue.backend.inspect.find(id);
        const { buriedAt } = job ?? {};
        if (state !== 'buried') assert.equal(buriedAt, undefined);
        const age = Date.now() - (buriedAt ?? new Date()).getTime();
        assert.ok(Math.abs(age) < 60_000, `buried ${age} ms ago`);
      }
    },

    'an unknown id finds, discards and kicks no job': async (queue) => {
      const [id] = await queue.put({});
      assert.equal(await queue.backend.admin.discard(id!), true);
      for (const unknown of [id!, ...UNKNOWN_IDS]) {
        assert.equal(await queue.backend.inspect.find(unknown), undefined);
        assert.equal(await queue.backend.admin.discard(unknown), false);
        assert.equal(await queue.backend.admin.kickJob(unknown), false);
      }
    },

    'peek shows the job that leaves its state first': async (queue) => {
      const { backend, pipeline } = queue;
      const [, buried, later, sooner] = await queue.put({}, { priority: 1 }, { delay: 120 }, { delay: 60 });
      const leases = await queue.lease();
      await leases.bury(await leases.reserveOne());
      const [, urgent] = await queue.put({ priority: 8 }, { priority: 3 }, { priority: 5 });
      assert.equal((await backend.inspect.peek(pipeline, 'ready'))?.id, urgent);
      assert.equal((await backend.inspect.peek(pipeline, 'delayed'))?.id, sooner);
      assert.equal((await backend.inspect.peek(pipeline, 'buried'))?.id, buried);
      await backend.admin.discard(sooner!);
      assert.equal((await backend.inspect.peek(pipeline, 'delayed'))?.id, later);
    },

    'peek shows nothing where there is nothing': async (queue) => {
      for (const state of ['ready', 'delayed', 'buried'] as const) {
        assert.equal(await queue.backend.inspect.peek(queue.pipeline, state), undefined);
      }
    },

    'stats count each state': async (queue) => {
      await queue.oneInEachState();
      await queue.put({}, {}, { delay: 60 });
      assert.deepEqual(await queue.stats(), { ready: 3, delayed: 2, reserved: 1, buried: 1, pausedFor: 0 });
    },

    'stats of an unused pipeline are 0': async (queue) => {
      assert.deepEqual(await queue.stats(), { ready: 0, delayed: 0, reserved: 0, buried: 0, pausedFor: 0 });
    },

    'pipelines names those that hold jobs, sorted': async (queue) => {
      const names = ['-c', '-B', '-a', '-1'].map((end) => queue.newPipeline(queue.pipeline + end));
      for (const name of names) await queue.putTo(name, { delay: 60 });
      const ours = async () =>
        (await queue.backend.inspect.pipelines()).filter((name) => name.startsWith(queue.pipeline));
      // By character code, so that every backend returns the same.
      assert.deepEqual(await ours(), [...names].sort());
      await queue.backend.admin.clear(names[0]!, 'delayed');
      assert.deepEqual(await ours(), names.slice(1).sort());
    },

    'looking changes nothing': async (queue) => {
      const { backend, pipeline } = queue;
      const ids = Object.values(await queue.oneInEachState());
      const all = async () => {
        const jobs = await Promise.all(ids.map((id) => backend.inspect.find(id)));
        // Without the times: they go on by themselves, or are known to the second only.
        return jobs.map((job) => ({ ...job, delay: undefined, addedAt: undefined }));
      };
      const before = [await all(), await queue.stats()];
      for (const state of ['ready', 'delayed', 'buried'] as const)
        await backend.inspect.peek(pipeline, state);
      await backend.inspect.pipelines();
      await backend.features.listing?.list(pipeline, 'ready', { offset: 0, limit: 10 });
      assert.deepEqual([await all(), await queue.stats()], before);
      assert.equal((await (await queue.lease()).reserveOne()).attempt, 1);
    },
  },
};
