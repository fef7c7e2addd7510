import assert from 'node:assert/strict';
import type { ReservedJob } from '../../../core/contract/job-data';
import type { Theme } from '../conformance-case';
import type { TestConsumer } from '../test-consumer';
import { until } from '../timing';

const LEAST_URGENT = 4294967295;
const ids = (jobs: readonly ReservedJob[]): string[] => jobs.map(({ id }) => id);

export const order: Theme = {
  name: 'order',
  cases: {
    'put answers one id for each job, in the order of the jobs': async (queue) => {
      const answer = await queue.put({ payload: '"a"' }, { payload: '"b"', priority: 0 }, { payload: '"c"' });
      const found = await Promise.all(answer.map((id) => queue.backend.find(id)));
      assert.deepEqual(
        found.map((job) => job?.payload),
        ['"a"', '"b"', '"c"'],
      );
      for (const id of answer) assert.equal(typeof id, 'string');
      assert.equal(new Set(answer).size, 3);
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
      const consumer = await queue.consumer();
      const came: string[] = [];
      for (let i = 0; i < 6; i += 1) came.push((await consumer.reserveOne()).id);
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
      const consumer = await queue.consumer();
      assert.deepEqual(ids(await consumer.reserve(10)), [c, b, d, e, a]);
    },

    'jobs of several puts keep the order of the puts': async (queue) => {
      const added: string[] = [];
      for (let i = 0; i < 12; i += 1) added.push(...(await queue.put({}, {})));
      assert.deepEqual(ids(await (await queue.consumer()).reserve(24)), added);
    },

    'a priority comes back as it was put': async (queue) => {
      await queue.put({ priority: 0 }, { priority: 1 }, { priority: LEAST_URGENT });
      const jobs = await (await queue.consumer()).reserve(3);
      assert.deepEqual(
        jobs.map(({ priority }) => priority),
        [0, 1, LEAST_URGENT],
      );
    },

    'a released job keeps its age': async (queue) => {
      const [older, younger] = await queue.put({}, {});
      const consumer = await queue.consumer();
      await consumer.release(await consumer.reserveOne());
      assert.deepEqual(ids(await consumer.reserve(2)), [older, younger]);
    },

    'a kicked job keeps its age': async (queue) => {
      const [older, younger] = await queue.put({}, {});
      const consumer = await queue.consumer();
      await consumer.bury(await consumer.reserveOne());
      await queue.backend.kick(queue.pipeline, 1);
      assert.deepEqual(ids(await consumer.reserve(2)), [older, younger]);
    },

    'of several pipelines the most urgent job comes first, equal priorities oldest first': async (queue) => {
      const other = queue.newPipeline();
      const consumer = await queue.consumer(queue.pipeline, other);
      const [a] = await queue.putTo(other, { priority: 5 });
      const [b] = await queue.put({ priority: 5 });
      const [c] = await queue.putTo(other, { priority: 1 });
      const [d] = await queue.put({ priority: 3 });
      const [e] = await queue.putTo(other, { priority: 5 });
      const jobs = await consumer.reserve(10);
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
      assert.deepEqual(ids(await bothOf(await queue.consumer())), [older, younger]);
    },

    'a job whose time ran out keeps its age': async (queue) => {
      const [older, younger] = await queue.put({ ttr: 1 }, {});
      const consumer = await queue.consumer();
      await consumer.reserveOne();
      await until(async () => (await queue.stats()).ready === 2);
      assert.deepEqual(ids(await bothOf(consumer)), [older, younger]);
    },
  },
};

/** A claim may pass over what somebody's look for due jobs has locked for a moment: then it gives back, and asks again. */
async function bothOf(consumer: TestConsumer): Promise<ReservedJob[]> {
  let jobs: ReservedJob[] = [];
  await until(async () => {
    jobs = await consumer.reserve(2);
    if (jobs.length < 2) for (const job of jobs) await consumer.release(job);
    return jobs.length === 2;
  });
  return jobs;
}
