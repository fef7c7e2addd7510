import assert from 'node:assert/strict';
import type { JobId, Leased } from '../../../../core/contract/job-data';
import { type Journal, MOST_LINES } from '../../../../core/contract/ports/journal';
import type { Theme } from '../../conformance-case';
import type { QueueUnderTest } from '../../queue-under-test';
import { until } from '../../timing';

function journalOf({ backend }: QueueUnderTest): Journal {
  assert.ok(backend.features.journal);
  return backend.features.journal;
}

async function valueOf(queue: QueueUnderTest, { id }: { readonly id: JobId }): Promise<string | undefined> {
  return (await journalOf(queue).progress(id))?.value;
}

async function textsOf(queue: QueueUnderTest, { id }: { readonly id: JobId }): Promise<string[]> {
  const lines = await journalOf(queue).lines(id, { limit: 2 * MOST_LINES });
  return lines.map(({ text }) => text);
}

function logged(job: Leased, ...texts: readonly string[]) {
  return { job, lines: texts.map((text) => ({ text, age: 0 })) };
}

export const journal: Theme = {
  name: 'journal',
  port: 'journal',
  cases: {
    'the last progress of a job is read while it runs, with the time of its writing': async (queue) => {
      const [id] = await queue.put({});
      assert.equal(await valueOf(queue, { id: id! }), undefined);
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      assert.deepEqual(await leases.note({ job, progress: '0.1' }), []);
      assert.equal(await valueOf(queue, job), '0.1');
      const text = '{"what":"näïve 😀 \\\\ \' \\" % ?"}';
      await leases.note({ job, progress: text });
      const progress = await journalOf(queue).progress(job.id);
      assert.equal(progress?.value, text);
      const age = progress.at.getTime() - (job.addedAt?.getTime() ?? NaN);
      assert.ok(Number.isNaN(age) || (age >= 0 && age < 60_000), `written ${age} ms after the job was added`);
    },

    'lines of a log are read in their order, and on after one that is known': async (queue) => {
      await queue.put({});
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      await leases.note({
        job,
        lines: [
          { text: 'one', age: 5 },
          { text: '', age: 2 },
          { text: 'three 😀', age: 0 },
        ],
      });
      await leases.note(logged(job, 'four'));
      const [first, second, ...rest] = await journalOf(queue).lines(job.id, { limit: 2 });
      assert.deepEqual([first?.text, second?.text, rest.length], ['one', '', 0]);
      const others = await journalOf(queue).lines(job.id, { after: second!.id, limit: 10 });
      assert.deepEqual(
        others.map(({ text, attempt }) => [text, attempt]),
        [
          ['three 😀', 1],
          ['four', 1],
        ],
      );
      const apart = second!.at.getTime() - first!.at.getTime();
      assert.ok(apart >= 2900 && apart <= 3100, `${apart} ms between lines that were said 3 s apart`);
    },

    'progress and lines are written together, and a log changes no progress': async (queue) => {
      await queue.put({});
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      await leases.note(logged(job, 'begins'));
      assert.equal(await valueOf(queue, job), undefined);
      await leases.note({ ...logged(job, 'half'), progress: '0.5' });
      await leases.note(logged(job, 'nearly'));
      assert.equal(await valueOf(queue, job), '0.5');
      assert.deepEqual(await textsOf(queue, job), ['begins', 'half', 'nearly']);
    },

    'many jobs are written in one call, each for itself': async (queue) => {
      await queue.put(...Array.from({ length: 250 }, () => ({})));
      const leases = await queue.lease();
      const jobs = await leases.reserve(250);
      assert.deepEqual(
        await leases.note(...jobs.map((job) => ({ ...logged(job, `line of ${job.id}`), progress: job.id }))),
        [],
      );
      for (const job of [jobs[0], jobs[120], jobs[249]]) {
        assert.equal(await valueOf(queue, job!), job!.id);
        assert.deepEqual(await textsOf(queue, job!), [`line of ${job!.id}`]);
      }
    },

    'of a job that is lost nothing is written, and of the others all': async (queue) => {
      await queue.put({}, {});
      const leases = await queue.lease();
      const [lost, ours] = await leases.reserve(2);
      await leases.release(lost!, 60);
      const answer = await leases.note(
        { job: lost!, progress: '1' },
        { ...logged(ours!, 'here'), progress: '2' },
      );
      assert.deepEqual(answer, [lost]);
      assert.equal(await valueOf(queue, lost!), undefined);
      assert.equal(await valueOf(queue, ours!), '2');
    },

    'another worker’s lease of the same job writes, and the former one does not': async (queue) => {
      await queue.put({});
      const first = await queue.lease();
      const former = await first.reserveOne();
      await first.note({ ...logged(former, 'first'), progress: '1' });
      await first.release(former);
      const second = await queue.lease();
      const job = await second.reserveOne();
      assert.deepEqual(await first.note({ ...logged(former, 'late'), progress: '3' }), [former]);
      await second.note({ ...logged(job, 'second'), progress: '2' });
      assert.equal(await valueOf(queue, job), '2');
      const lines = await journalOf(queue).lines(job.id, { limit: 10 });
      assert.deepEqual(
        lines.map(({ text, attempt }) => [text, attempt]),
        [
          ['first', 1],
          ['second', 2],
        ],
      );
    },

    'what a job has said stays while it waits for its next attempt, or is buried': async (queue) => {
      await queue.put({});
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      await leases.note({ ...logged(job, 'one'), progress: '1' });
      await leases.release(job, 60);
      assert.equal(await valueOf(queue, job), '1');
      await queue.backend.admin.kickJob(job.id);
      await leases.bury(await leases.reserveOne());
      assert.equal(await valueOf(queue, job), '1');
      assert.deepEqual(await textsOf(queue, job), ['one']);
    },

    'what a job has said goes with it: when it is deleted, discarded or cleared': async (queue) => {
      await queue.put({}, {}, {});
      const leases = await queue.lease();
      const jobs = await leases.reserve(3);
      await leases.note(...jobs.map((job) => ({ ...logged(job, 'a line'), progress: '1' })));
      const [done, discarded, cleared] = jobs;
      await leases.delete(done!);
      await leases.release(discarded!);
      await queue.backend.admin.discard(discarded!.id);
      await leases.bury(cleared!);
      await queue.backend.admin.clear(queue.pipeline, 'buried');
      for (const job of jobs) {
        assert.equal(await valueOf(queue, job), undefined);
        assert.deepEqual(await textsOf(queue, job), []);
      }
    },

    'what a job has said stays as long as the job is kept, and goes with it': async (queue) => {
      const { history, cancelling } = queue.backend.features;
      if (!history) return;
      await queue.put({}, {});
      const leases = await queue.lease();
      const [done, other] = await leases.reserve(2);
      await leases.note(...[done!, other!].map((job) => ({ ...logged(job, 'a line'), progress: '1' })));
      await leases.settle({ job: done!, outcome: 'delete', keep: { for: Infinity } });
      if (!cancelling) await leases.settle({ job: other!, outcome: 'delete', keep: { for: Infinity } });
      await cancelling?.cancel(other!.id);
      for (const job of [done!, other!]) {
        assert.equal(await valueOf(queue, job), '1');
        assert.deepEqual(await textsOf(queue, job), ['a line']);
        await history.remove(job.id);
        assert.equal(await valueOf(queue, job), undefined);
        assert.deepEqual(await textsOf(queue, job), []);
      }
    },

    'the newest 1,000 lines of a job stay': async (queue) => {
      await queue.put({});
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      const texts = Array.from({ length: 1_100 }, (_, index) => `line ${index}`);
      await leases.note(logged(job, ...texts.slice(0, 900)));
      await leases.note(logged(job, ...texts.slice(900)));
      assert.deepEqual(await textsOf(queue, job), texts.slice(100));
    },

    'a text of 64 KiB is stored as it is': async (queue) => {
      await queue.put({});
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      const progress = JSON.stringify('x'.repeat(65_534));
      await leases.note({ ...logged(job, 'y'.repeat(4096)), progress });
      assert.equal(await valueOf(queue, job), progress);
      assert.deepEqual(await textsOf(queue, job), ['y'.repeat(4096)]);
    },

    'an id of nobody has said nothing': async (queue) => {
      for (const id of ['0', '999999999999', 'no id', '-1', '1e3', "1' or '1'='1", '']) {
        assert.equal(await journalOf(queue).progress(id), undefined);
        assert.deepEqual(await journalOf(queue).lines(id, { limit: 10 }), []);
      }
    },
  },

  slowCases: {
    'of a job whose time has run out nothing is written': async (queue) => {
      await queue.put({ ttr: 1 });
      const leases = await queue.lease();
      const job = await leases.reserveOne();
      await until(async () => (await queue.stats()).ready === 1);
      assert.deepEqual(await leases.note({ job, progress: '1' }), [job]);
      assert.equal(await valueOf(queue, job), undefined);
    },
  },
};
