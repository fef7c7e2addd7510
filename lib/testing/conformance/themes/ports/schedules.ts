import assert from 'node:assert/strict';
import { headerOf } from '../../../../core/context/headers';
import { InvalidScheduleError } from '../../../../core/contract/errors';
import { feature } from '../../../../core/contract/features';
import type { Schedules, ScheduleSnapshot } from '../../../../core/contract/ports/schedules';
import { slotOf } from '../../../../core/schedule/slot-headers';
import { nextSlot } from '../../../../core/schedule/slots';
import type { Theme } from '../../conformance-case';
import type { QueueUnderTest } from '../../queue-under-test';
import { PATIENCE, Stopwatch, until } from '../../timing';

const HOUR = 3600;

function schedulesOf({ backend }: QueueUnderTest): Schedules {
  return feature(backend, 'schedules');
}

async function found(queue: QueueUnderTest, name: string): Promise<ScheduleSnapshot> {
  const schedule = await schedulesOf(queue).find(name);
  assert.ok(schedule, `the schedule ${name} is not found`);
  return schedule;
}

export const schedules: Theme = {
  name: 'schedules',
  port: 'schedules',
  cases: {
    'what is set is found as it was said, with its next slot': async (queue) => {
      const said = {
        pipeline: queue.pipeline,
        cron: '30 4 1 1 *',
        timeZone: 'Asia/Seoul',
        payload: '{"year":"été"}',
        priority: 7,
        ttr: 90,
        retry: '{"attempts":3}',
        missed: 'skip',
        overlap: false,
      } as const;
      const name = await queue.schedule(said);
      const { next, ...rest } = await found(queue, name);
      assert.deepEqual(rest, { ...said, name, source: 'api', paused: false });
      assert.ok(next && next.getTime() > Date.now() - HOUR * 1000, 'it has a next slot');
      assert.equal(nextSlot(said, next.getTime() - 1), next.getTime());
    },

    'what is not there is not found, removed, paused, resumed or run': async (queue) => {
      const port = schedulesOf(queue);
      const name = `nobody-${queue.pipeline}`;
      assert.equal(await port.find(name), undefined);
      assert.equal(await port.remove(name), false);
      assert.equal(await port.pause(name), false);
      assert.equal(await port.resume(name), false);
      assert.equal(await port.run(name), undefined);
    },

    'a rule that stays keeps its next slot, and another one has its own': async (queue) => {
      const name = await queue.schedule({ cron: '0 0 1 1 *', timeZone: 'UTC' });
      const { next } = await found(queue, name);
      await queue.schedule({ name, cron: '0 0 1 1 *', timeZone: 'UTC', payload: '"other"' });
      const again = await found(queue, name);
      assert.deepEqual([again.next, again.payload], [next, '"other"']);
      await queue.schedule({ name, cron: '0 0 1 1 *', timeZone: 'Asia/Tokyo' });
      assert.equal((await found(queue, name)).next?.getUTCHours(), 15);
      await queue.schedule({ name, every: 7 * HOUR, timeZone: 'UTC' });
      const changed = await found(queue, name);
      assert.equal((changed.next?.getTime() ?? 1) % (7 * HOUR * 1000), 0);
      assert.equal(changed.cron, undefined);
    },

    'a list is sorted by name, page by page': async (queue) => {
      const names = ['a', 'b', 'c'].map((letter) => `zz-${letter}-${queue.pipeline}`);
      for (const name of [...names].reverse()) await queue.schedule({ name });
      const all = await schedulesOf(queue).list({ offset: 0, limit: 1000 });
      const ours = all.map(({ name }) => name).filter((name) => names.includes(name));
      assert.deepEqual(ours, names);
      const first = all.findIndex(({ name }) => name === names[0]);
      // Other cases make and remove schedules meanwhile, whose names come before.
      const page = await schedulesOf(queue).list({ offset: Math.max(0, first - 100), limit: 200 });
      assert.ok(page.some(({ name }) => name === names[0]));
      assert.equal((await schedulesOf(queue).list({ offset: 0, limit: 1 })).length, 1);
    },

    'a paused schedule has no next slot, stays paused when it is set, and goes on when it is resumed': async (
      queue,
    ) => {
      const name = await queue.schedule({ every: HOUR, timeZone: 'UTC' });
      assert.equal(await schedulesOf(queue).pause(name), true);
      await queue.schedule({ name, every: 2 * HOUR, timeZone: 'UTC' });
      const paused = await found(queue, name);
      assert.deepEqual([paused.paused, paused.next], [true, undefined]);
      assert.equal(await schedulesOf(queue).resume(name), true);
      const resumed = await found(queue, name);
      assert.equal(resumed.paused, false);
      assert.ok(resumed.next && resumed.next.getTime() > Date.now() - HOUR * 1000);
      assert.equal(await schedulesOf(queue).resume(name), true);
      assert.deepEqual((await found(queue, name)).next, resumed.next);
    },

    'a removed schedule is gone': async (queue) => {
      const name = await queue.schedule({});
      assert.equal(await schedulesOf(queue).remove(name), true);
      assert.equal(await schedulesOf(queue).find(name), undefined);
    },

    'run adds a job now, which names its schedule, and leaves the next slot alone': async (queue) => {
      const name = await queue.schedule({
        every: HOUR,
        timeZone: 'UTC',
        priority: 5,
        ttr: 9,
        payload: '"now"',
      });
      const { next } = await found(queue, name);
      await schedulesOf(queue).pause(name);
      const result = await schedulesOf(queue).run(name);
      await schedulesOf(queue).resume(name);
      const job = await (await queue.lease()).reserveOne(PATIENCE);
      assert.deepEqual([job.id, job.payload, job.priority, job.ttr], [result?.id, '"now"', 5, 9]);
      const slot = slotOf(job);
      assert.equal(slot?.schedule, name);
      const after = await found(queue, name);
      assert.deepEqual(after.next, next);
      assert.deepEqual(after.last, slot.slot);
    },

    'its headers come with its jobs, beside their slot': async (queue) => {
      const headers = '{"context":"zwölf \\"12\\""}';
      const name = await queue.schedule({ every: HOUR, timeZone: 'UTC', headers });
      assert.equal((await found(queue, name)).headers, headers);
      await schedulesOf(queue).run(name);
      const job = await (await queue.lease()).reserveOne(PATIENCE);
      assert.equal(slotOf(job)?.schedule, name);
      assert.equal(headerOf(job, 'context'), 'zwölf "12"');
    },

    'an application takes no name of the code, and the code takes those of the application': async (
      queue,
    ) => {
      const name = await queue.schedule({ every: HOUR, timeZone: 'UTC', source: 'api' });
      await queue.schedule({ name, every: 2 * HOUR, timeZone: 'UTC', source: 'code' });
      await assert.rejects(queue.schedule({ name, every: HOUR, timeZone: 'UTC' }), InvalidScheduleError);
      const kept = await found(queue, name);
      assert.deepEqual([kept.source, kept.every], ['code', 2 * HOUR]);
    },
  },

  slowCases: {
    'every slot has one job, whoever fires': async (queue) => {
      const workers = [await queue.lease(), await queue.lease()];
      const name = await queue.schedule({ every: 1, timeZone: 'UTC', missed: 'all' });
      const slots: number[] = [];
      const watch = new Stopwatch();
      const work = async (leases: (typeof workers)[number]) => {
        // Longer on a busy machine: no slot is missed for that.
        while (watch.seconds < 3.2 || (slots.length < 3 && watch.seconds < 3 * PATIENCE)) {
          for (const job of await leases.reserve(10, 0.5)) {
            const slot = slotOf(job);
            assert.equal(slot?.schedule, name);
            slots.push(slot.slot.getTime());
            await leases.delete(job);
          }
        }
      };
      await Promise.all(workers.map(work));
      assert.ok(slots.length >= 3, `${slots.length} slots in ${watch.seconds} s`);
      const first = Math.min(...slots);
      assert.deepEqual(
        slots.sort((one, other) => one - other),
        slots.map((_, index) => first + index * 1000),
      );
    },

    'without overlap a slot adds none while the job of an earlier one waits or runs': async (queue) => {
      const leases = await queue.lease();
      const name = await queue.schedule({ every: 1, timeZone: 'UTC', missed: 'all', overlap: false });
      const first = await leases.reserveOne(PATIENCE);
      const slot = slotOf(first)?.slot.getTime() ?? 0;
      await until(async () => {
        assert.deepEqual(await leases.reserve(1), []);
        return ((await found(queue, name)).next?.getTime() ?? 0) > slot + 1000;
      });
      assert.deepEqual(await schedulesOf(queue).run(name), { id: first.id, existed: true });
      await leases.release(first);
      const again = await leases.reserveOne();
      assert.equal(again.id, first.id);
      await leases.delete(again);
      const second = await leases.reserveOne(PATIENCE);
      assert.ok((slotOf(second)?.slot.getTime() ?? 0) > slot + 1000);
      await leases.bury(second);
      await leases.reserveOne(PATIENCE);
    },

    'a slot that is due ends a wait in its pipeline, and the schedule tells its last one': async (queue) => {
      const coming = (await queue.lease()).reserveOne(PATIENCE);
      const name = await queue.schedule({ every: 1, timeZone: 'UTC' });
      const { slot } = slotOf(await coming) as { slot: Date };
      const { last } = await found(queue, name);
      assert.ok(last && last.getTime() >= slot.getTime(), 'it has run');
    },

    'a schedule of the code goes when nobody announces it any more': async (queue) => {
      const there = await queue.schedule({ every: HOUR, timeZone: 'UTC', source: 'code' });
      const gone = await queue.schedule({ every: HOUR, timeZone: 'UTC', source: 'code' });
      const applications = await queue.schedule({ every: HOUR, timeZone: 'UTC', source: 'api' });
      const port = schedulesOf(queue);
      let retired: string[] = [];
      await until(async () => {
        assert.deepEqual(await port.announce([there, `nobody-${queue.pipeline}`]), [
          `nobody-${queue.pipeline}`,
        ]);
        retired = await port.retire(1);
        return retired.includes(gone);
      });
      assert.ok(!retired.includes(there));
      assert.equal(await port.find(gone), undefined);
      await found(queue, there);
      await found(queue, applications);
    },
  },
};
