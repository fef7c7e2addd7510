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
});
