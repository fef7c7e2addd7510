import assert from 'node:assert/strict';
import type { Leased } from '../../../../core/contract/job-data';
import type { Theme } from '../../conformance-case';
import type { TestLeases } from '../../test-leases';
import { until } from '../../timing';

const LEAST_URGENT = 4294967295;
const ids = (jobs: readonly Leased[]): string[] => jobs.map(({ id }) => id);

export const order: Theme = {
  name: 'order',
  cases: {
    'put returns one id for each job, in the order of the jobs': async (queue) => {
      const put = await queue.put({ payload: '"a"' }, { payload: '"b"', priority: 0 }, { payload: '"c"' });
      const found = await Promise.all(put.map((id) => queue.backend.inspect.find(id)));
      assert.deepEqual(
        found.map((job) => job?.payload),
        ['"a"', '"b"', '"c"'],
      );
      for (const id of put) assert.equal(typeof id, 'string');
      assert.equal(new Set(put).size, 3);
    },

    'one by one: most urgent first, equal priorities oldest first': async (queue) => {
      const [a, b, c, d, e, f] = await queue.put(
        { priority: 5 },
        { priority: LEAST_URGENT },
        { priority: 0 },
        { priority: 5 },
        { priority: 1024 },
        { priority: 10 },
      );
      const leases = await queue.lease();
      const came: string[] = [];
      for (let i = 0; i < 6; i += 1) came.push((await leases.reserveOne()).id);
      assert.deepEqual(came, [c, a, d, f, e, b]);
    },

    'in a batch: most urgent first, equal priorities oldest first': async (queue) => {
      const [a, b, c, d, e] = await queue.put(
        { priority: LEAST_URGENT },
        { priority: 7 },
        { priority: 0 },
        { priority: 7 },
        { priority: 70 },
      );
      const leases = await queue.lease();
      assert.deepEqual(ids(await leases.reserve(10)), [c, b, d, e, a]);
    },

    'jobs of several puts keep the order of the puts': async (queue) => {
      const added: string[] = [];
      for (let i = 0; i < 12; i += 1) added.push(...(await queue.put({}, {})));
      assert.deepEqual(ids(await (await queue.lease()).reserve(24)), added);
    },

    'a priority comes back as it was put': async (queue) => {
      await queue.put({ priority: 0 }, { priority: 1 }, { priority: LEAST_URGENT });
      const jobs = await (await queue.lease()).reserve(3);
      assert.deepEqual(
        jobs.map(({ priority }) => priority),
        [0, 1, LEAST_URGENT],
      );
    },

    'a released job keeps its age': async (queue) => {
      const [older, younger] = await queue.put({}, {});
      const leases = await queue.lease();
      await leases.release(await leases.reserveOne());
      assert.deepEqual(ids(await leases.reserve(2)), [older, younger]);
    },

    'a kicked job keeps its age': async (queue) => {
      const [older, younger] = await queue.put({}, {});
      const leases = await queue.lease();
      await leases.bury(await leases.reserveOne());
      await queue.backend.admin.kick(queue.pipeline, 1);
      assert.deepEqual(ids(await leases.reserve(2)), [older, younger]);
    },

    'of several pipelines the most urgent job comes first, equal priorities oldest first': async (queue) => {
      const other = queue.newPipeline();
      const leases = await queue.lease(queue.pipeline, other);
      const [a] = await queue.putTo(other, { priority: 5 });
      const [b] = await queue.put({ priority: 5 });
      const [c] = await queue.putTo(other, { priority: 1 });
      const [d] = await queue.put({ priority: 3 });
      const [e] = await queue.putTo(other, { priority: 5 });
      const jobs = await leases.reserve(10);
      assert.deepEqual(ids(jobs), [c, d, a, b, e]);
      assert.deepEqual(
        jobs.map(({ pipeline }) => pipeline),
        [other, queue.pipeline, other, queue.pipeline, other],
      );
    },
  },

  slowCases: {
    'a job that was delayed keeps its age': async (queue) => {
      const [older, younger] = await queue.put({ delay: 1 }, {});
      await until(async () => (await queue.stats()).ready === 2);
      assert.deepEqual(ids(await bothOf(await queue.lease())), [older, younger]);
    },

    'a job whose time ran out keeps its age': async (queue) => {
      const [older, younger] = await queue.put({ ttr: 1 }, {});
      const leases = await queue.lease();
      await leases.reserveOne();
      await until(async () => (await queue.stats()).ready === 2);
      assert.deepEqual(ids(await bothOf(leases)), [older, younger]);
    },
  },
};

/** A claim may skip a job that a stager has locked for a moment: then it releases what it got, and asks again. */
async function bothOf(leases: TestLeases): Promise<Leased[]> {
  let jobs: Leased[] = [];
  await until(async () => {
    jobs = await leases.reserve(2);
    if (jobs.length < 2) for (const job of jobs) await leases.release(job);
    return jobs.length === 2;
  });
  return jobs;
}
