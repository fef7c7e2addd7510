import assert from 'node:assert/strict';
import { feature } from '../../../../core/contract/features';
import type { ScheduleChanges, Schedules } from '../../../../core/contract/ports/schedules';
import { slotOf } from '../../../../core/schedule/slot-headers';
import type { Theme } from '../../conformance-case';
import type { QueueUnderTest } from '../../queue-under-test';
import { PATIENCE } from '../../timing';

const YEARLY = { cron: '0 0 1 1 *', timeZone: 'UTC' };

function schedulesOf({ backend }: QueueUnderTest): Schedules {
  return feature(backend, 'schedules');
}

function within({ backend }: QueueUnderTest, transaction: unknown): ScheduleChanges {
  return feature(backend, 'scheduleTransactions').within(transaction);
}

/* No case is slow: those run together, and some systems have one transaction at a time. */
export const scheduleTransactions: Theme = {
  name: 'scheduleTransactions',
  port: 'scheduleTransactions',
  cases: {
    'a schedule exists from the commit on, not before': async (queue) => {
      const schedule = queue.newSchedule({ ...YEARLY, payload: '"yearly"' });
      await queue.application.transaction(async (transaction) => {
        await within(queue, transaction).set(schedule);
        assert.equal(await schedulesOf(queue).find(schedule.name), undefined);
        await queue.application.write(transaction, queue.pipeline);
      });
      const found = await schedulesOf(queue).find(schedule.name);
      assert.deepEqual([found?.payload, found?.next?.getUTCMonth()], ['"yearly"', 0]);
      assert.equal(await queue.application.wrote(queue.pipeline), true);
    },

    'what a transaction that is rolled back has done to schedules never was': async (queue) => {
      const { backend, pipeline } = queue;
      const [paused, changed, removed] = [
        await queue.schedule(YEARLY),
        await queue.schedule(YEARLY),
        await queue.schedule(YEARLY),
      ];
      const made = queue.newSchedule(YEARLY);
      const before = await Promise.all(
        [paused, changed, removed].map((name) => schedulesOf(queue).find(name)),
      );
      const noMoney = new Error('no money');
      const failed = queue.application.transaction(async (transaction) => {
        const port = within(queue, transaction);
        await port.pause(paused);
        await port.set(queue.newSchedule({ name: changed, every: 60, timeZone: 'UTC' }));
        await port.run(changed);
        await port.remove(removed);
        await port.set(made);
        throw noMoney;
      });
      await assert.rejects(failed, (error) => error === noMoney);
      const after = await Promise.all(
        [paused, changed, removed].map((name) => schedulesOf(queue).find(name)),
      );
      assert.deepEqual(after, before);
      assert.equal(await schedulesOf(queue).find(made.name), undefined);
      assert.equal((await backend.inspect.stats(pipeline)).ready, 0);
    },

    'each change in a transaction tells what it found, its own ones before it, too': async (queue) => {
      const name = await queue.schedule(YEARLY);
      const gone = await queue.schedule(YEARLY);
      const made = queue.newSchedule(YEARLY);
      const ran = await queue.application.transaction(async (transaction) => {
        const port = within(queue, transaction);
        assert.equal(await port.remove(`nobody-${name}`), false);
        assert.equal(await port.run(`nobody-${name}`), undefined);
        assert.equal(await port.pause(name), true);
        assert.equal(await port.remove(gone), true);
        assert.equal(await port.resume(gone), false);
        await port.set(made);
        assert.equal(await port.pause(made.name), true);
        assert.equal(await port.resume(made.name), true);
        return port.run(name);
      });
      assert.equal((await schedulesOf(queue).find(name))?.paused, true);
      assert.equal((await schedulesOf(queue).find(made.name))?.paused, false);
      assert.equal(await schedulesOf(queue).find(gone), undefined);
      const job = await (await queue.lease()).reserveOne(PATIENCE);
      assert.equal(ran?.id, job.id);
      assert.equal(slotOf(job)?.schedule, name);
    },

    'a schedule that a transaction has set fires after the commit': async (queue) => {
      const coming = (await queue.lease()).reserveOne(PATIENCE);
      const schedule = queue.newSchedule({ every: 1, timeZone: 'UTC' });
      await queue.application.transaction((transaction) => within(queue, transaction).set(schedule));
      assert.equal(slotOf(await coming)?.schedule, schedule.name);
    },

    'what is no transaction, or one that has ended, changes no schedule': async (queue) => {
      const { name } = queue.newSchedule(YEARLY);
      const ended = await queue.application.transaction((transaction) => Promise.resolve({ transaction }));
      for (const none of [ended.transaction, {}, null, 'a transaction', 1]) {
        const port = within(queue, none);
        const refused = { code: 'INVALID_JOB_OPTION' };
        await assert.rejects(port.set(queue.newSchedule({ ...YEARLY, name })), refused);
        await assert.rejects(port.pause(name), refused);
      }
      assert.equal(await schedulesOf(queue).find(name), undefined);
    },
  },
};
