import assert from 'node:assert/strict';
import type { EventsGoneError } from '../../../../core/contract/end-errors';
import { feature } from '../../../../core/contract/features';
import type { EndEvent, Events } from '../../../../core/contract/ports/events';
import type { Keep } from '../../../../core/contract/ports/history';
import type { Theme } from '../../conformance-case';
import type { QueueUnderTest } from '../../queue-under-test';
import { until } from '../../timing';

const ALL = 1000;

const eventsOf = ({ backend }: QueueUnderTest): Events => feature(backend, 'events');

/** Puts, runs and keeps so many jobs, one after the other; returns their ids in this order. */
async function ended(
  queue: QueueUnderTest,
  count: number,
  keep: Partial<Keep> = {},
  pipeline = queue.pipeline,
): Promise<string[]> {
  const leases = await queue.lease(pipeline);
  const ids: string[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    ids.push(...(await queue.putTo(pipeline, {})));
    const job = await leases.reserveOne();
    assert.deepEqual(await leases.settle({ job, outcome: 'delete', keep: { for: Infinity, ...keep } }), []);
  }
  return ids;
}

const idsOf = (events: readonly EndEvent[]) => events.map(({ job }) => job.id);
const numbersOf = (events: readonly EndEvent[]) => events.map(({ number }) => number);

/** The number after which the case's events begin. */
async function beginning(queue: QueueUnderTest): Promise<number> {
  return (await eventsOf(queue).range(queue.pipeline)).last;
}

export const events: Theme = {
  name: 'events',
  port: 'events',
  cases: {
    'the ends of kept jobs are read one after the other, as the jobs are kept': async (queue) => {
      const begin = await beginning(queue);
      const ids = await ended(queue, 3, { result: '"sent"', worker: 'here:1' });
      const read = await eventsOf(queue).read(queue.pipeline, begin, ALL);
      // Two that end in one millisecond have no order but that of their numbers.
      assert.deepEqual(idsOf(read).sort(), [...ids].sort());
      assert.deepEqual(numbersOf(read), [begin + 1, begin + 2, begin + 3]);
      for (const { job } of read) assert.deepEqual(job, await feature(queue.backend, 'history').find(job.id));
    },

    'the order is that in which they ended': async (queue) => {
      const begin = await beginning(queue);
      const ids: string[] = [];
      for (let turn = 0; turn < 3; turn += 1) {
        ids.unshift(...(await queue.put({ priority: 5 - turn })));
      }
      const leases = await queue.lease();
      for (const id of ids) {
        const job = await leases.reserveOne();
        assert.equal(job.id, id);
        await leases.settle({ job, outcome: 'delete', keep: { for: Infinity } });
        const at = Date.now();
        await until(async () => Date.now() > at + 5);
      }
      assert.deepEqual(idsOf(await eventsOf(queue).read(queue.pipeline, begin, ALL)), ids);
    },

    'a reader goes on after the last one that it has read': async (queue) => {
      const port = eventsOf(queue);
      const begin = await beginning(queue);
      await ended(queue, 3);
      const whole = await port.read(queue.pipeline, begin, ALL);
      const first = await port.read(queue.pipeline, begin, 2);
      const second = await port.read(queue.pipeline, begin + 2, 2);
      assert.deepEqual([...first, ...second], whole);
      assert.deepEqual(await port.read(queue.pipeline, begin + 3, 2), []);
      const [later] = await ended(queue, 1);
      const rest = await port.read(queue.pipeline, begin + 3, 2);
      assert.deepEqual(idsOf(rest), [later]);
      assert.deepEqual(numbersOf(rest), [begin + 4]);
    },

    'what goes on, is buried, or is not kept, is no event': async (queue) => {
      const begin = await beginning(queue);
      const leases = await queue.lease();
      await queue.put({}, {}, {}, {});
      const [deleted, released, buried] = await leases.reserve(3);
      await leases.delete(deleted!);
      await leases.release(released!, 60);
      await leases.bury(buried!);
      assert.deepEqual(await eventsOf(queue).read(queue.pipeline, begin, ALL), []);
      assert.equal(await beginning(queue), begin);
    },

    'the end of a job that is called off is an event': async (queue) => {
      const { cancelling } = queue.backend.features;
      if (!cancelling) return;
      const begin = await beginning(queue);
      const [id] = await queue.put({});
      await cancelling.cancel(id!, 'no more');
      const read = await eventsOf(queue).read(queue.pipeline, begin, ALL);
      assert.deepEqual(
        read.map(({ number, job }) => [number, job.id, job.state, job.error]),
        [[begin + 1, id, 'cancelled', 'no more']],
      );
    },

    'each pipeline has events of its own': async (queue) => {
      const other = queue.newPipeline();
      const begin = await beginning(queue);
      const [id] = await ended(queue, 1);
      const [first, second] = await ended(queue, 2, {}, other);
      assert.deepEqual(idsOf(await eventsOf(queue).read(queue.pipeline, begin, ALL)), [id]);
      const { before } = await eventsOf(queue).range(other);
      const read = await eventsOf(queue).read(other, before, ALL);
      assert.deepEqual(idsOf(read).sort(), [first!, second!].sort());
    },

    'the range is that of what can be read': async (queue) => {
      const port = eventsOf(queue);
      const empty = await port.range(queue.pipeline);
      assert.equal(empty.before, empty.last);
      await ended(queue, 2);
      const { before, last } = await port.range(queue.pipeline);
      assert.deepEqual([before, last], [empty.last, empty.last + 2]);
      assert.deepEqual(numbersOf(await port.read(queue.pipeline, before, ALL)), [before + 1, last]);
      assert.deepEqual(await port.read(queue.pipeline, last, ALL), []);
    },

    'readers that read while jobs end miss none, and see the same order': async (queue) => {
      const port = eventsOf(queue);
      const begin = await beginning(queue);
      const MANY = 60;
      await queue.put(...Array.from({ length: MANY }, () => ({})));
      const reader = async (): Promise<string[]> => {
        const ids: string[] = [];
        await until(async () => {
          const page = await port.read(queue.pipeline, begin + ids.length, 7);
          assert.deepEqual(
            numbersOf(page),
            page.map((_event, index) => begin + ids.length + index + 1),
          );
          ids.push(...idsOf(page));
          return ids.length >= MANY;
        });
        return ids;
      };
      const writer = async (): Promise<void> => {
        const leases = await queue.lease();
        for (let jobs = await leases.reserve(3); jobs.length > 0; jobs = await leases.reserve(3)) {
          await leases.settle(
            ...jobs.map((job) => ({ job, outcome: 'delete', keep: { for: Infinity } }) as const),
          );
        }
      };
      const [one, other] = await Promise.all([reader(), reader(), writer(), writer(), writer()]);
      assert.deepEqual(one, other);
      assert.equal(new Set(one).size, MANY);
    },

    'a reader is told of events that are gone, and where it can go on': async (queue) => {
      const port = eventsOf(queue);
      const begin = await beginning(queue);
      await ended(queue, 4);
      const [, second, third] = idsOf(await port.read(queue.pipeline, begin, ALL));
      const history = feature(queue.backend, 'history');
      await history.remove(second!);
      await history.remove(third!);
      // What comes before the gap is read.
      assert.deepEqual(numbersOf(await port.read(queue.pipeline, begin, ALL)), [begin + 1]);
      await assert.rejects(port.read(queue.pipeline, begin + 1, ALL), (error: EventsGoneError) => {
        assert.equal(error.code, 'EVENTS_GONE');
        assert.equal(error.next, String(begin + 3));
        return true;
      });
      assert.deepEqual(numbersOf(await port.read(queue.pipeline, begin + 3, ALL)), [begin + 4]);
    },

    'a reader is told of events that are gone when nothing came after them': async (queue) => {
      const port = eventsOf(queue);
      const begin = await beginning(queue);
      await ended(queue, 1);
      const [only] = idsOf(await port.read(queue.pipeline, begin, ALL));
      await feature(queue.backend, 'history').remove(only!);
      await assert.rejects(port.read(queue.pipeline, begin, ALL), { code: 'EVENTS_GONE' });
      const { before, last } = await port.range(queue.pipeline);
      assert.deepEqual([before, last], [begin + 1, begin + 1]);
      assert.deepEqual(await port.read(queue.pipeline, last, ALL), []);
    },

    'a number that no event has had is refused': async (queue) => {
      await ended(queue, 1);
      const { last } = await eventsOf(queue).range(queue.pipeline);
      await assert.rejects(eventsOf(queue).read(queue.pipeline, last + 1, ALL), {
        code: 'INVALID_JOB_OPTION',
      });
    },
  },
};
