import assert from 'node:assert/strict';
import { feature } from '../../../../core/contract/features';
import type { Theme } from '../../conformance-case';

export const counting: Theme = {
  name: 'counting',
  port: 'counting',
  cases: {
    'pipelines are found by a job in any state, and come sorted': async (queue) => {
      const [delayed, buried, reserved] = ['a', 'b', 'c'].map((end) =>
        queue.newPipeline(`${queue.pipeline}-${end}`),
      ) as [string, string, string];
      const leases = await queue.lease(buried, reserved);
      await queue.putTo(buried, {});
      const [job] = await leases.reserve(1);
      await leases.bury(job!);
      await queue.putTo(reserved, {});
      await leases.reserve(1);
      await queue.putTo(delayed, { delay: 1 });
      await queue.put({});
      const names = await feature(queue.backend, 'counting').pipelines();
      const own = names.filter((name) => name.startsWith(queue.pipeline));
      assert.deepEqual(own, [queue.pipeline, delayed, buried, reserved]);
    },

    'several pipelines are counted at once, in the order in which they were asked for': async (queue) => {
      await queue.oneInEachState();
      await queue.put({}, {});
      await queue.backend.admin.pause(queue.pipeline, 60);
      const unused = `${queue.pipeline}-unused`;
      const [none, counts] = await feature(queue.backend, 'counting').count([unused, queue.pipeline], 10);
      const nothing = { ready: 0, delayed: 0, reserved: 0, buried: 0, pausedFor: 0, more: [] };
      assert.deepEqual(none, { ...nothing, pipeline: unused });
      const { pausedFor, ...jobs } = counts!;
      assert.deepEqual(jobs, {
        pipeline: queue.pipeline,
        ready: 3,
        delayed: 1,
        reserved: 1,
        buried: 1,
        more: [],
      });
      assert.ok(pausedFor > 50 && pausedFor <= 60, `paused for ${pausedFor} s`);
    },

    'nothing is counted beyond the limit, and what is left out is told': async (queue) => {
      await queue.put({}, {}, {}, { delay: 60 });
      const [counts] = await feature(queue.backend, 'counting').count([queue.pipeline], 2);
      assert.equal(counts?.ready, 2);
      assert.ok(counts.more.includes('ready'), `more of ${counts.more.join()}`);
      assert.equal(counts.delayed, 1);
      assert.ok(!counts.more.includes('buried'), `more of ${counts.more.join()}`);
    },
  },
};
