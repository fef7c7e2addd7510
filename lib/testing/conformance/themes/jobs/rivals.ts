import assert from 'node:assert/strict';
import type { Theme } from '../../conformance-case';
import type { TestLeases } from '../../test-leases';

/** Takes and deletes jobs until none is left; returns their ids. */
async function drain(leases: TestLeases, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let jobs = await leases.reserve(limit);
  while (jobs.length > 0) {
    ids.push(...jobs.map(({ id }) => id));
    const ends = jobs.map((job) => ({ job, outcome: 'delete' }) as const);
    const { lost, next } = await leases.settleAndTake(limit, ...ends);
    assert.deepEqual(lost, []);
    jobs = next;
  }
  return ids;
}

export const rivals: Theme = {
  name: 'rivals',
  cases: {
    'two rivals share no job of 500, and leave none': async (queue) => {
      const ids = await queue.put(...Array.from({ length: 500 }, () => ({})));
      const [one, other] = [await queue.lease(), await queue.lease()];
      const drained = await Promise.all([drain(one, 1), drain(other, 7)]);
      // One that finds the last jobs in its rival's hands goes early; what the rival left is taken here.
      drained.push(await drain(one, 100));
      assert.deepEqual(drained.flat().sort(), ids.sort());
    },

    'eight rivals that begin together share no job': async (queue) => {
      const ids = await queue.put(...Array.from({ length: 40 }, () => ({})));
      const all = await Promise.all(Array.from({ length: 8 }, () => queue.lease()));
      const taken = await Promise.all(all.map((leases) => leases.reserve(5)));
      taken.push(await all[0]!.reserve(40));
      assert.deepEqual(
        taken
          .flat()
          .map(({ id }) => id)
          .sort(),
        ids.sort(),
      );
    },

    'puts that run together all arrive, each with ids of its own': async (queue) => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, put) => queue.put({ payload: `${put}` }, { payload: `${put}` })),
      );
      assert.equal(new Set(answers.flat()).size, 100);
      assert.equal((await queue.stats()).ready, 100);
      for (const [put, ids] of answers.entries()) {
        for (const id of ids) assert.equal((await queue.backend.inspect.find(id))?.payload, `${put}`);
      }
    },
  },
};
