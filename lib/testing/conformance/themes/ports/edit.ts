import assert from 'node:assert/strict';
import { type Editing, feature } from '../../../../core/contract/features';
import type { JobSnapshot } from '../../../../core/contract/job-data';
import type { Theme } from '../../conformance-case';
import type { QueueUnderTest } from '../../queue-under-test';
import { PATIENCE, Stopwatch, until } from '../../timing';

type Steps = (queue: QueueUnderTest, editing: Editing) => Promise<void>;

function editing(steps: Steps): (queue: QueueUnderTest) => Promise<void> {
  return (queue) => steps(queue, feature(queue.backend, 'editing'));
}

async function found(queue: QueueUnderTest, id: string | undefined): Promise<JobSnapshot> {
  const job = await queue.backend.inspect.find(id!);
  assert.ok(job, `there is no job ${id}`);
  return job;
}

export const edit: Theme = {
  name: 'edit',
  port: 'editing',
  cases: {
    'a kick to a new start: the job is as it was when it was added': editing(async (queue, editing) => {
      const [id] = await queue.put({ priority: 7 });
      const leases = await queue.lease();
      await leases.release(await leases.reserveOne());
      await leases.bury(await leases.reserveOne());
      await queue.backend.admin.kickJob(id!);
      await leases.bury(await leases.reserveOne());
      assert.equal(await editing.restart(queue.pipeline, 10), 1);
      const again = await leases.reserveOne();
      assert.deepEqual([again.id, again.attempt, again.kicks, again.priority], [id, 1, 0, 7]);
      await leases.bury(again);
      assert.equal(await editing.restartJob(id!), true);
      const { state, attempts, kicks, reason } = await found(queue, id);
      assert.deepEqual([state, attempts, kicks, reason], ['ready', 0, 0, undefined]);
    }),

    'a new start is for buried jobs, for delayed ones only when none is buried, for no more than its limit':
      editing(async (queue, editing) => {
        const [buried, later, sooner] = await queue.put({}, { delay: 120 }, { delay: 60 });
        const leases = await queue.lease();
        await leases.bury(await leases.reserveOne());
        assert.equal(await editing.restart(queue.pipeline, 10), 1);
        assert.equal((await leases.reserveOne()).id, buried);
        assert.equal(await editing.restart(queue.pipeline, 1), 1);
        assert.equal((await leases.reserveOne()).id, sooner);
        assert.equal(await editing.restartJob(later!), true);
        assert.equal(await editing.restartJob(later!), false);
        assert.equal((await leases.reserveOne()).id, later);
        assert.equal(await editing.restartJob(later!), false);
        assert.equal(await editing.restart(queue.pipeline, 10), 0);
      }),

    'a new start wakes a reserve that waits': editing(async (queue, editing) => {
      const [one, other] = await queue.put({ delay: 60 }, { delay: 60 });
      const leases = await queue.lease();
      for (const start of [
        () => editing.restartJob(one!),
        () => editing.restart(queue.pipeline, 1).then((started) => started === 1),
      ]) {
        const coming = leases.reserveOne(PATIENCE);
        const watch = new Stopwatch();
        assert.equal(await start(), true);
        await coming;
        watch.assertAtOnce();
      }
      assert.equal((await found(queue, other)).state, 'reserved');
    }),

    'a job is changed where it is, ready, delayed or buried': editing(async (queue, editing) => {
      const [buried] = await queue.put({ priority: 1 });
      const leases = await queue.lease();
      await leases.settle({ job: await leases.reserveOne(), outcome: 'bury', reason: 'it was wrong' });
      const [ready, delayed] = await queue.put({}, { delay: 60 });
      const before = await Promise.all([ready, delayed, buried].map((id) => found(queue, id)));
      for (const id of [ready, delayed, buried]) {
        assert.equal(await editing.change(id!, { payload: '"ö \u{1f600}"' }), true);
        assert.equal(await editing.change(id!, { priority: 4_294_967_295 }), true);
      }
      const after = await Promise.all([ready, delayed, buried].map((id) => found(queue, id)));
      // Time goes on by itself.
      const still = (jobs: readonly JobSnapshot[]) => jobs.map((job) => ({ ...job, delay: job.delay > 0 }));
      assert.deepEqual(
        still(after),
        still(before).map((job) => ({ ...job, payload: '"ö \u{1f600}"', priority: 4_294_967_295 })),
      );
      const job = await leases.reserveOne();
      assert.deepEqual([job.id, job.payload, job.attempt], [ready, '"ö \u{1f600}"', 1]);
    }),

    'a change gives what it names, all at once, and leaves other jobs alone': editing(
      async (queue, editing) => {
        const [one, other] = await queue.put({}, {});
        assert.equal(await editing.change(one!, { payload: '1', priority: 9, delay: 60 }), true);
        const changed = await found(queue, one);
        assert.deepEqual([changed.state, changed.payload, changed.priority], ['delayed', '1', 9]);
        assert.ok(changed.delay > 50 && changed.delay <= 60, `delay ${changed.delay}`);
        assert.equal((await found(queue, other)).payload, '"ordinary"');
        assert.deepEqual([(await queue.stats()).ready, (await queue.stats()).delayed], [1, 1]);
      },
    ),

    'jobs whose priority was changed come in their new order': editing(async (queue, editing) => {
      const [a, b, c] = await queue.put({}, {}, {});
      const leases = await queue.lease();
      // What was seen of the order before does not count.
      assert.equal((await leases.reserveOne()).id, a);
      assert.equal(await editing.change(c!, { priority: 1 }), true);
      assert.deepEqual(
        (await leases.reserve(2)).map(({ id }) => id),
        [c, b],
      );
    }),

    'a delayed job that is changed to be ready wakes a reserve that waits': editing(
      async (queue, editing) => {
        const [id] = await queue.put({ delay: 60 });
        const leases = await queue.lease();
        const coming = leases.reserveOne(PATIENCE);
        const watch = new Stopwatch();
        assert.equal(await editing.change(id!, { delay: 0 }), true);
        assert.deepEqual([(await coming).id, (await coming).kicks], [id, 0]);
        watch.assertAtOnce();
      },
    ),

    'what somebody holds, what does not exist and the delay of what is buried are not changed': editing(
      async (queue, editing) => {
        const [reserved, buried, gone] = await queue.put({}, {}, {});
        const leases = await queue.lease();
        const [held, aside, done] = await leases.reserve(3);
        await leases.bury(aside!);
        await leases.delete(done!);
        const before = await found(queue, buried);
        for (const id of [reserved!, gone!, '9223372036854775807', '', 'no id']) {
          assert.equal(await editing.change(id, { payload: '1', priority: 1, delay: 0 }), false);
          assert.equal(await editing.change(id, { payload: '1' }), false);
          assert.equal(await editing.bury(id, { reason: 'not now' }), false);
        }
        assert.equal(await editing.change(buried!, { payload: '1', delay: 0 }), false);
        assert.equal(await editing.change(buried!, { priority: 1, delay: 60 }), false);
        assert.deepEqual(await found(queue, buried), before);
        const { payload, priority, state } = await found(queue, reserved);
        assert.deepEqual([payload, priority, state], ['"ordinary"', 1024, 'reserved']);
        assert.deepEqual(await leases.delete(held!), []);
      },
    ),

    'a job that nobody holds is buried with its reason, counts no attempt, and is kicked last': editing(
      async (queue, editing) => {
        const [first] = await queue.put({});
        const leases = await queue.lease();
        await leases.bury(await leases.reserveOne());
        const [ready, delayed] = await queue.put({ priority: 5 }, { delay: 60 });
        assert.equal(await editing.bury(delayed!, {}), true);
        assert.equal(await editing.bury(ready!, { reason: 'no "such"\0 address', priority: 3 }), true);
        const job = await found(queue, ready);
        assert.deepEqual([job.state, job.attempts, job.priority, job.delay], ['buried', 0, 3, 0]);
        assert.match(job.reason ?? '', /^no "such".? address$/s);
        assert.deepEqual(await leases.reserve(1), []);
        assert.equal(await queue.backend.admin.kick(queue.pipeline, 1), 1);
        assert.equal((await leases.reserveOne()).id, first);
        assert.equal(await queue.backend.admin.kickJob(ready!), true);
        const again = await leases.reserveOne();
        assert.deepEqual([again.id, again.attempt, again.kicks], [ready, 1, 1]);
      },
    ),

    'a buried job can be buried for another reason': editing(async (queue, editing) => {
      const [id] = await queue.put({});
      assert.equal(await editing.bury(id!, { reason: 'one' }), true);
      assert.equal(await editing.bury(id!, { reason: 'other' }), true);
      assert.deepEqual([(await found(queue, id)).reason, (await queue.stats()).buried], ['other', 1]);
    }),
  },

  slowCases: {
    'a job whose delay was changed comes when the new one is over, never before': editing(
      async (queue, editing) => {
        const [id] = await queue.put({ delay: 60 });
        const leases = await queue.lease();
        const coming = leases.reserveOne(2 * PATIENCE);
        const watch = new Stopwatch();
        assert.equal(await editing.change(id!, { delay: 1 }), true);
        assert.equal((await coming).id, id);
        watch.assertNotBefore(1);
      },
    ),

    'a job whose reservation has run out is nobody’s: it can be changed, and buried': editing(
      async (queue, editing) => {
        const [changed, aside] = await queue.put({ ttr: 1 }, { ttr: 1 });
        const leases = await queue.lease();
        const late = await leases.reserve(2);
        const isOver = async (id?: string) => (await found(queue, id)).state === 'ready';
        await until(async () => (await isOver(changed)) && (await isOver(aside)));
        assert.equal(await editing.change(changed!, { payload: '1' }), true);
        assert.equal(await editing.bury(aside!, { reason: 'enough' }), true);
        assert.deepEqual(
          await leases.settle(...late.map((job) => ({ job, outcome: 'delete' }) as const)),
          late,
        );
        const { state, attempts, timeouts } = await found(queue, aside);
        assert.deepEqual([state, attempts, timeouts], ['buried', 0, 1]);
        const job = await (await queue.lease()).reserveOne();
        assert.deepEqual([job.id, job.payload, job.attempt, job.timeouts], [changed, '1', 1, 1]);
      },
    ),

    'a new start forgets lost reservations': editing(async (queue, editing) => {
      const [id] = await queue.put({ ttr: 1 });
      const leases = await queue.lease();
      await leases.reserveOne();
      await leases.bury(await leases.reserveOne(2 * PATIENCE));
      assert.equal((await found(queue, id)).timeouts, 1);
      assert.equal(await editing.restartJob(id!), true);
      assert.equal((await leases.reserveOne()).timeouts, 0);
    }),
  },
};
