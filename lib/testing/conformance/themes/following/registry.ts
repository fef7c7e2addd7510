import assert from 'node:assert/strict';
import { feature } from '../../../../core/contract/features';
import {
  type Membership,
  type Registry,
  SILENCE,
  type WorkerProcess,
  type WorkerReport,
} from '../../../../core/contract/ports/registry';
import { sleep } from '../../../../core/time/sleep';
import type { Theme } from '../../conformance-case';
import type { QueueUnderTest } from '../../queue-under-test';
import { Stopwatch, until } from '../../timing';

const registryOf = ({ backend }: QueueUnderTest): Registry => feature(backend, 'registry');

const reportOf = ({ pipeline }: QueueUnderTest, own: Partial<WorkerReport> = {}): WorkerReport => ({
  host: 'worker-1.example.org',
  pid: 4711,
  version: '1.2.3',
  pipelines: [pipeline],
  concurrency: 5,
  running: 0,
  ...own,
});

/** Those of the case: other processes may be there, too. */
async function membersOf(queue: QueueUnderTest): Promise<WorkerProcess[]> {
  const all = await registryOf(queue).list();
  return all.filter(({ pipelines }) => pipelines.includes(queue.pipeline));
}

async function joined(queue: QueueUnderTest, own: Partial<WorkerReport> = {}): Promise<Membership> {
  const membership = registryOf(queue).join();
  await membership.beat(reportOf(queue, own));
  return membership;
}

export const registry: Theme = {
  name: 'registry',
  port: 'registry',
  cases: {
    'a process is listed from its first beat on, as it has said': async (queue) => {
      const membership = registryOf(queue).join();
      assert.deepEqual(await membersOf(queue), []);
      const report = reportOf(queue, { pipelines: [queue.pipeline, queue.newPipeline()] });
      await membership.beat(report);
      const [found, ...others] = await membersOf(queue);
      assert.deepEqual(others, []);
      assert.ok(found, 'it is not listed');
      const { id, startedAt, seenAt, ...said } = found;
      assert.deepEqual(said, report);
      assert.ok(id.length > 0 && startedAt instanceof Date && seenAt instanceof Date);
      await membership.leave();
    },

    'a process whose version is not known is listed without one': async (queue) => {
      const { host, pid, pipelines, concurrency, running } = reportOf(queue);
      const membership = registryOf(queue).join();
      await membership.beat({ host, pid, pipelines, concurrency, running });
      const [found] = await membersOf(queue);
      assert.ok(found && !('version' in found));
      await membership.leave();
    },

    'each beat says anew what it is like, and leaves it as old as it is': async (queue) => {
      const membership = await joined(queue);
      const [first] = await membersOf(queue);
      const later = reportOf(queue, {
        pipelines: [queue.newPipeline(), queue.pipeline],
        concurrency: 7,
        running: 3,
      });
      await until(async () => {
        await membership.beat(later);
        const [found] = await membersOf(queue);
        return found!.seenAt.getTime() > first!.seenAt.getTime();
      });
      const [found, ...others] = await membersOf(queue);
      assert.deepEqual(others, []);
      assert.deepEqual({ ...found, seenAt: undefined }, { ...first, ...later, seenAt: undefined });
      await membership.leave();
    },

    'the oldest process is the first one, whoever has said something last': async (queue) => {
      const first = await joined(queue, { pid: 1 });
      const [{ startedAt }] = (await membersOf(queue)) as [WorkerProcess];
      // A clock may count whole milliseconds, and two of the same one have no order.
      const between: Membership[] = [];
      await until(async () => {
        between.push(await joined(queue, { pid: 2 }));
        const newest = (await membersOf(queue)).find(({ pid }) => pid === 2);
        if (newest!.startedAt.getTime() > startedAt.getTime()) return true;
        await between.pop()?.leave();
        return false;
      });
      await first.beat(reportOf(queue, { pid: 1 }));
      assert.deepEqual(
        (await membersOf(queue)).map(({ pid }) => pid),
        [1, 2],
      );
      for (const one of [first, ...between]) await one.leave();
    },

    'who has left is listed no more, and others are': async (queue) => {
      const [one, other] = [await joined(queue, { pid: 1 }), await joined(queue, { pid: 2 })];
      await one.leave();
      await one.leave();
      assert.deepEqual(
        (await membersOf(queue)).map(({ pid }) => pid),
        [2],
      );
      await other.leave();
      assert.deepEqual(await membersOf(queue), []);
    },

    'who comes back after it has left is listed again': async (queue) => {
      const membership = await joined(queue);
      await membership.leave();
      await membership.beat(reportOf(queue, { pid: 9 }));
      assert.deepEqual(
        (await membersOf(queue)).map(({ pid }) => pid),
        [9],
      );
      await membership.leave();
    },

    'to leave ends no lease': async (queue) => {
      const membership = await joined(queue);
      const [id] = await queue.put({});
      const leases = await queue.lease();
      const [job] = await leases.reserve(1);
      await membership.leave();
      assert.equal((await queue.backend.inspect.find(id!))?.state, 'reserved');
      assert.deepEqual(await leases.delete(job!), []);
    },
  },
  slowCases: {
    'who is silent is listed no more, and holds what it holds': async (queue) => {
      const silent = await joined(queue, { pid: 1 });
      const [id] = await queue.put({});
      const leases = await queue.lease();
      const [job] = await leases.reserve(1);
      const other = registryOf(queue).join();
      const watch = new Stopwatch();
      const pids = async (): Promise<number[]> => {
        await other.beat(reportOf(queue, { pid: 2 }));
        return (await membersOf(queue)).map(({ pid }) => pid);
      };
      assert.deepEqual(await pids(), [1, 2]);
      while ((await pids()).includes(1)) {
        assert.ok(watch.seconds < SILENCE + 3, `it is listed after ${watch.seconds} s`);
        await sleep(0.25);
      }
      watch.assertNotBefore(SILENCE - 1);
      assert.deepEqual(await pids(), [2]);
      assert.equal((await queue.backend.inspect.find(id!))?.state, 'reserved');
      assert.deepEqual(await leases.delete(job!), []);
      await silent.beat(reportOf(queue, { pid: 1 }));
      assert.equal((await membersOf(queue)).length, 2);
      await silent.leave();
      await other.leave();
    },
  },
};
