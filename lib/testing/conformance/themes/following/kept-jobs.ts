import assert from 'node:assert/strict';
import { feature } from '../../../../core/contract/features';
import type { Leased } from '../../../../core/contract/job-data';
import type { Settlement } from '../../../../core/contract/leases';
import type { Keep } from '../../../../core/contract/ports/history';
import type { Theme } from '../../conformance-case';
import type { QueueUnderTest } from '../../queue-under-test';
import { until } from '../../timing';

const LONG = 600_000;

const history = (queue: QueueUnderTest) => feature(queue.backend, 'history');

function kept(job: Leased, keep: Partial<Keep> = {}): Settlement {
  return { job, outcome: 'delete', keep: { for: Infinity, ...keep } };
}

/** Puts, runs and keeps so many jobs, one after the other; returns their ids in this order. */
async function keepOf(queue: QueueUnderTest, count: number, keep: Partial<Keep> = {}): Promise<string[]> {
  const leases = await queue.lease();
  const ids: string[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    ids.push(...(await queue.put({})));
    assert.deepEqual(await leases.settle(kept(await leases.reserveOne(), keep)), []);
  }
  return ids;
}

const idsOf = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id);

export const keptJobs: Theme = {
  name: 'kept jobs',
  port: 'history',
  cases: {
    'a job that is kept is found when it has left its pipeline': async (queue) => {
      const payload = '{"to":"ada’s ?","n":"\\\\\\u0000"}';
      const [id] = await queue.put({ payload, priority: 7, headers: '{"a":1}' });
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      const ended = kept(job, { result: '{"at":"`\\\\\'\\"?"}', error: 'why?', ran: 2, worker: 'here:1' });
      assert.deepEqual(await leases.settle(ended), []);
      assert.equal(await queue.backend.inspect.find(id!), undefined);
      const found = await history(queue).find(id!);
      assert.ok(found);
      const { addedAt, startedAt, endedAt, ...rest } = found;
      assert.deepEqual(rest, {
        id,
        pipeline: queue.pipeline,
        state: 'completed',
        payload,
        priority: 7,
        attempts: 1,
        failures: [],
        result: '{"at":"`\\\\\'\\"?"}',
        error: 'why?',
        worker: 'here:1',
        headers: '{"a":1}',
      });
      assert.equal(startedAt && endedAt.getTime() - startedAt.getTime(), 2000);
      assert.ok(addedAt && addedAt <= endedAt);
    },

    'nothing is kept of a job that ends without': async (queue) => {
      const [id] = await queue.put({});
      const leases = await queue.lease();
      await leases.delete(await leases.reserveOne());
      assert.equal(await history(queue).find(id!), undefined);
      assert.deepEqual(await history(queue).list(queue.pipeline, { limit: 10 }), []);
    },

    'jobs that are kept end in one call with others, and the next ones come': async (queue) => {
      const ids = await queue.put({}, {}, {}, {}, {}, {});
      const leases = await queue.lease();
      const [one, two, gone, again, buried] = await leases.reserve(5);
      const { lost, next } = await leases.settleAndTake(
        1,
        kept(one!, { result: '1' }),
        { job: gone!, outcome: 'delete' },
        { job: again!, outcome: 'release', delay: 60 },
        kept(two!, { result: '2' }),
        { job: buried!, outcome: 'bury' },
      );
      assert.deepEqual([lost, idsOf(next)], [[], [ids[5]]]);
      const found = await history(queue).several(ids);
      assert.deepEqual(
        new Map(found.map(({ id, result }) => [id, result])),
        new Map([
          [ids[0], '1'],
          [ids[1], '2'],
        ]),
      );
      assert.deepEqual(await queue.stats(), { ready: 0, delayed: 1, reserved: 1, buried: 1, pausedFor: 0 });
    },

    'a job that is no longer held is lost and not kept': async (queue) => {
      const [id] = await queue.put({ ttr: 1 });
      const [leases, other] = [await queue.lease(), await queue.lease()];
      const job = await leases.reserveOne();
      const again = await other.reserveOne(5);
      assert.deepEqual(await leases.settle(kept(job, { result: '"late"' })), [job]);
      assert.equal(await history(queue).find(id!), undefined);
      assert.deepEqual(await other.settle(kept(again, { result: '"right"' })), []);
      assert.deepEqual(await other.settle(kept(again, { result: '"twice"' })), [again]);
      assert.equal((await history(queue).find(id!))?.result, '"right"');
    },

    'long results of several jobs are kept as they are': async (queue) => {
      await queue.put({}, {}, {});
      const leases = await queue.lease();
      const jobs = await leases.reserve(3);
      const result = (index: number) => `"${String(index).repeat(LONG)}"`;
      assert.deepEqual(
        await leases.settle(...jobs.map((job, index) => kept(job, { result: result(index) }))),
        [],
      );
      for (const [index, { id }] of jobs.entries())
        assert.ok((await history(queue).find(id))?.result === result(index), `result ${index}`);
    },

    'they are listed from the newest on, page by page and by how they ended': async (queue) => {
      const other = queue.newPipeline();
      const ids = await keepOf(queue, 5);
      const all = [...ids].reverse();
      const list = async (page: { limit: number; after?: { id: string; endedAt: Date } }) =>
        history(queue).list(queue.pipeline, page);
      const first = await list({ limit: 2 });
      assert.deepEqual(idsOf(first), all.slice(0, 2));
      const second = await list({ limit: 2, after: first[1]! });
      assert.deepEqual(idsOf(second), all.slice(2, 4));
      assert.deepEqual(idsOf(await list({ limit: 2, after: second[1]! })), all.slice(4));
      const so = (state: 'completed' | 'cancelled') =>
        history(queue).list(queue.pipeline, { state, limit: 10 });
      assert.deepEqual(idsOf(await so('completed')), all);
      assert.deepEqual(await so('cancelled'), []);
      assert.deepEqual(await history(queue).list(other, { limit: 10 }), []);
    },

    'a page of them begins where it is asked to': async (queue) => {
      const ids = await keepOf(queue, 4);
      const page = await history(queue).list(queue.pipeline, { offset: 1, limit: 2 });
      assert.deepEqual(idsOf(page), [ids[2], ids[1]]);
      assert.deepEqual(await history(queue).list(queue.pipeline, { offset: 4, limit: 2 }), []);
    },

    'they are counted up to a limit, and their pipelines are known': async (queue) => {
      const other = queue.newPipeline();
      await keepOf(queue, 3);
      await queue.putTo(other, {});
      const none = { pipeline: other, completed: 0, cancelled: 0, more: [] };
      const all = { pipeline: queue.pipeline, completed: 3, cancelled: 0, more: [] };
      assert.deepEqual(await history(queue).count([other, queue.pipeline], 10), [none, all]);
      const [cut] = await history(queue).count([queue.pipeline], 2);
      assert.deepEqual(cut, { ...all, completed: 2, more: ['completed'] });
      const names = await history(queue).pipelines();
      assert.ok(names.includes(queue.pipeline) && !names.includes(other), names.join());
    },

    'all of a pipeline can be removed, and those of others stay': async (queue) => {
      const other = queue.newPipeline();
      const gone = await keepOf(queue, 3);
      await queue.putTo(other, {});
      const leases = await queue.lease(other);
      const stays = await leases.reserveOne();
      await leases.settle(kept(stays));
      const [waiting] = await queue.put({});
      assert.equal(await history(queue).clear(queue.pipeline), 3);
      assert.equal(await history(queue).clear(queue.pipeline), 0);
      assert.deepEqual(idsOf(await history(queue).several([...gone, stays.id])), [stays.id]);
      assert.equal((await queue.backend.inspect.find(waiting!))?.id, waiting);
    },

    'several are found at once, unknown ones left out': async (queue) => {
      const ids = await keepOf(queue, 3);
      const [waiting] = await queue.put({});
      const found = await history(queue).several([ids[2]!, waiting!, 'none', '9007199254740993', ids[0]!]);
      assert.deepEqual(new Set(idsOf(found)), new Set([ids[0], ids[2]]));
      assert.deepEqual(await history(queue).several([]), []);
    },

    'a kept job can be removed': async (queue) => {
      const [id, other] = await keepOf(queue, 2);
      assert.equal(await history(queue).remove(id!), true);
      assert.equal(await history(queue).remove(id!), false);
      assert.equal(await history(queue).find(id!), undefined);
      assert.equal((await history(queue).find(other!))?.id, other);
    },

    'what a handler writes commits together with its job that is kept': async (queue) => {
      if (!queue.backend.features.handlerTransactions) return;
      const [first, second] = await queue.put({}, {});
      const leases = await queue.leaseTransacting();
      const [one, two] = await leases.reserve(2);
      const keep = { for: Infinity, result: '"done"', ran: 0.001 };
      const write = (transaction: object) => queue.application.write(transaction, queue.pipeline);
      assert.deepEqual(await leases.transact(one!, write, keep), { outcome: 'committed' });
      assert.equal((await history(queue).find(first!))?.result, '"done"');
      assert.equal(await queue.backend.inspect.find(first!), undefined);
      const failed = leases.transact(two!, () => Promise.reject(new Error('no')), keep);
      await assert.rejects(failed);
      assert.equal(await history(queue).find(second!), undefined);
    },
  },
  slowCases: {
    'a job that is kept for a time goes when that is over': async (queue) => {
      const [id] = await keepOf(queue, 1, { for: 1 });
      const [stays] = await keepOf(queue, 1, { for: 3600 });
      assert.equal((await history(queue).find(stays!))?.id, stays);
      await until(async () => (await history(queue).find(id!)) === undefined);
      assert.equal((await history(queue).find(stays!))?.id, stays);
    },

    'of the jobs that are kept by one number those stay that ended last': async (queue) => {
      const [forever] = await keepOf(queue, 1);
      const [byAnother] = await keepOf(queue, 1, { most: 3 });
      const ids = await keepOf(queue, 4, { most: 2 });
      const list = () => history(queue).list(queue.pipeline, { limit: 10 });
      await until(async () => (await list()).length === 4);
      assert.deepEqual(idsOf(await list()), [ids[3], ids[2], byAnother, forever]);
    },

    'buried jobs go when they have been buried too long, or are too many': async (queue) => {
      const [byTime, byNumber] = [queue.newPipeline(), queue.newPipeline()];
      const bury = async (pipeline: string, count: number): Promise<void> => {
        await queue.putTo(pipeline, ...Array.from({ length: count }, () => ({})));
        const leases = await queue.lease(pipeline);
        for (const job of await leases.reserve(count)) await leases.bury(job);
      };
      await bury(queue.pipeline, 3);
      await bury(byTime, 3);
      await bury(byNumber, 3);
      const last = await queue.backend.features.listing?.list(byNumber, 'buried', { offset: 2, limit: 1 });
      history(queue).limitBuried(byTime, { for: 1 });
      history(queue).limitBuried(byNumber, { most: 1 });
      const buried = async (pipeline: string) => (await queue.backend.inspect.stats(pipeline)).buried;
      await until(async () => (await buried(byTime)) === 0 && (await buried(byNumber)) === 1);
      assert.equal((await queue.backend.inspect.peek(byNumber, 'buried'))?.id, last?.[0]?.id);
      assert.equal(await buried(queue.pipeline), 3);
    },
  },
};
