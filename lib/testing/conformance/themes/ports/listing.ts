import assert from 'node:assert/strict';
import { feature } from '../../../../core/contract/features';
import type { JobState } from '../../../../core/contract/job-data';
import type { Theme } from '../../conformance-case';

export const listing: Theme = {
  name: 'listing',
  port: 'listing',
  cases: {
    'a list shows each state page by page, in the order in which jobs leave it': async (queue) => {
      const { ready, delayed, reserved, buried } = await queue.oneInEachState();
      const [urgent, late, soon] = await queue.put({ priority: 0 }, { delay: 120 }, { delay: 30 });
      const listed = async (state: JobState, offset = 0, limit = 10) => {
        const jobs = await feature(queue.backend, 'listing').list(queue.pipeline, state, { offset, limit });
        return jobs.map(({ id }) => id);
      };
      assert.deepEqual(await listed('ready'), [urgent, ready]);
      assert.deepEqual(await listed('delayed'), [soon, delayed, late]);
      assert.deepEqual(await listed('delayed', 0, 1), [soon]);
      assert.deepEqual(await listed('delayed', 1, 1), [delayed]);
      assert.deepEqual(await listed('delayed', 3, 10), []);
      assert.deepEqual(await listed('reserved'), [reserved]);
      assert.deepEqual(await listed('buried'), [buried]);
    },
  },
};
