import { Completions, type FinishedJob } from '../../lib/core/worker/completions';

function ended(count: number): Completions {
  const completions = new Completions();
  for (let job = 0; job < count; job += 1) completions.add({} as FinishedJob);
  return completions;
}

describe('ended jobs that wait to be settled', () => {
  it('wait for others while more are held and handlers go on to start, for two macrotasks at most', () => {
    const completions = ended(3);
    const intake = { startsUsedUp: true, waiting: 4 };
    const asked = Array.from({ length: 5 }, () => completions.areFewSoFar(intake));
    expect(asked).toEqual([true, true, false, true, true]);
  });

  it('wait for nothing when no handler is about to start, or as many have ended as are held', () => {
    expect(ended(3).areFewSoFar({ startsUsedUp: false, waiting: 100 })).toBe(false);
    expect(ended(3).areFewSoFar({ startsUsedUp: true, waiting: 3 })).toBe(false);
    expect(ended(0).areFewSoFar({ startsUsedUp: true, waiting: 3 })).toBe(false);
  });

  it('go into one settlement at a time, and into a second one when they are enough', () => {
    const sizes = (completions: Completions, enough: number) =>
      Array.from(completions.due(enough), ({ length }) => length);
    expect([Infinity, 4, 3, 1].map((enough) => sizes(ended(7), enough))).toEqual([[7], [7], [3, 4], [1, 6]]);
    expect(sizes(ended(0), Infinity)).toEqual([]);

    const completions = ended(2);
    const [first = []] = completions.due(Infinity);
    for (let job = 0; job < 3; job += 1) completions.add({} as FinishedJob);
    expect(sizes(completions, 4)).toEqual([]);
    const [second = []] = completions.due(3);
    completions.add({} as FinishedJob);
    expect(sizes(completions, 1)).toEqual([]);
    completions.answered(second);
    expect([completions.settlements, completions.size]).toEqual([1, 1]);
    completions.answered(first);
    expect(sizes(completions, Infinity)).toEqual([1]);
  });
});
