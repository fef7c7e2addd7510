import type { ClaimOrder } from '../../lib/backends/sql/claims/claim-order';
import { isBefore } from '../../lib/backends/sql/claims/claim-order';
import { LowWaterMark } from '../../lib/backends/sql/claims/low-water-mark';
import { LowWaterMarks } from '../../lib/backends/sql/claims/low-water-marks';

const at = (priority: number, id: number | string): ClaimOrder => ({ priority, id: String(id) });
const ANYWHERE = at(-1, 0);

// It stands still, so that the mark holds however long a busy machine takes from one line to the next.
let now: number;
beforeEach(() => {
  now = 1000;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => jest.restoreAllMocks());

/** One claim from beginning to end; returns where it began. */
function claim(mark: LowWaterMark, brought: readonly ClaimOrder[], took = 0, meanwhile = () => {}) {
  const look = mark.begin();
  meanwhile();
  now += took;
  mark.reached(look, brought);
  mark.end(look);
  return look;
}

const begins = (mark: LowWaterMark) => claim(mark, []).after;

describe('the low-water mark', () => {
  it('is where the last claim ended, in whatever order its jobs come', () => {
    const mark = new LowWaterMark(0);
    expect(claim(mark, [at(5, 9), at(5, 10), at(4, 11)]).after).toBeUndefined();
    expect(claim(mark, [at(5, 20)]).after).toEqual(at(5, 10));
    expect(begins(mark)).toEqual(at(5, 20));
  });

  it('stays when a claim brings nothing, and when new jobs come behind it', () => {
    const mark = new LowWaterMark(0);
    claim(mark, [at(5, 10)]);
    claim(mark, []);
    mark.lower(at(5, 11));
    mark.lower(at(6, 1));
    expect(begins(mark)).toEqual(at(5, 10));
  });

  it.each([
    ['of better priority', at(4, 99), at(4, 98)],
    ['of the same priority and an older id', at(5, 7), at(5, 6)],
    ['at its very place', at(5, 10), at(5, 9)],
    ['from anywhere', undefined, undefined],
  ])('goes back to where jobs become ready before it: %s', (_what, first, where) => {
    const mark = new LowWaterMark(0);
    claim(mark, [at(5, 10)]);
    mark.lower(first);
    expect(begins(mark)).toEqual(where);
  });

  it('is not set past what became ready while the claim was under way', () => {
    const mark = new LowWaterMark(0);
    claim(mark, [at(5, 10)], 0, () => mark.lower(at(5, 8)));
    expect(begins(mark)).toEqual(at(5, 7));
    claim(mark, [at(5, 10)], 0, () => mark.lower(at(5, 11)));
    expect(begins(mark)).toEqual(at(5, 10));
    claim(mark, [at(5, 20)], 0, () => mark.lower());
    expect(begins(mark)).toBeUndefined();
  });

  it('is not set past what became ready while one of several claims was under way', () => {
    const mark = new LowWaterMark(0);
    const slow = mark.begin();
    claim(mark, [at(5, 10)]);
    mark.lower(at(5, 3));
    mark.reached(slow, [at(5, 20)]);
    mark.end(slow);
    expect(begins(mark)).toEqual(at(5, 2));
  });

  it('forgets a claim that was never answered', () => {
    const mark = new LowWaterMark(0);
    claim(mark, [at(5, 10)]);
    mark.end(mark.begin());
    expect(begins(mark)).toEqual(at(5, 10));
  });

  it('compares ids as numbers, also those that JavaScript cannot hold', () => {
    expect(isBefore(at(5, 9), at(5, 10))).toBe(true);
    expect(isBefore(at(5, '9007199254740992'), at(5, '9007199254740993'))).toBe(true);
    const mark = new LowWaterMark(0);
    claim(mark, [at(5, '9007199254740995')]);
    mark.lower(at(5, '9007199254740993'));
    expect(begins(mark)).toEqual(at(5, '9007199254740992'));
  });

  it('holds for at least 20 ms, then no more until a claim without it', () => {
    const mark = new LowWaterMark(0);
    claim(mark, [at(5, 10)]);
    now += 19;
    expect(begins(mark)).toEqual(at(5, 10));
    now += 1;
    expect(begins(mark)).toBeUndefined();
    expect(begins(mark)).toEqual(at(5, 10));
  });

  it.each([
    ['20 times as long as a claim without it took', 5, 100],
    ['at most 10 s', 3000, 10_000],
  ])('holds for %s', (_what, took, held) => {
    const mark = new LowWaterMark(0);
    claim(mark, [at(5, 10)], took);
    now += held - 1;
    expect(begins(mark)).toEqual(at(5, 10));
    now += 1;
    expect(begins(mark)).toBeUndefined();
  });

  describe('when another process made jobs ready, nobody knows where', () => {
    it('is dropped as soon as a claim brings nothing, which may have missed them', () => {
      const mark = new LowWaterMark(0);
      claim(mark, [at(5, 10)], 9);
      mark.doubt();
      now += 35;
      expect(claim(mark, [at(5, 11)]).missed).toBe(false);
      // Not more often than it is worth.
      expect(claim(mark, []).missed).toBe(false);
      now += 1;
      expect(claim(mark, []).missed).toBe(true);
      expect(claim(mark, []).after).toBeUndefined();
    });

    it('is not doubted any more after a claim without it', () => {
      const mark = new LowWaterMark(0);
      mark.doubt();
      claim(mark, [at(5, 10)], 9);
      now += 100;
      expect(claim(mark, [])).toMatchObject({ after: at(5, 10), missed: false });
    });

    it('holds all the same where a claim without it takes long', () => {
      const mark = new LowWaterMark(0);
      claim(mark, [at(5, 10)], 10);
      mark.doubt();
      now += 100;
      expect(claim(mark, []).missed).toBe(false);
      expect(begins(mark)).toEqual(at(5, 10));
    });
  });

  describe('where a claim has to take 10 ms to be worth it', () => {
    let mark: LowWaterMark;
    beforeEach(() => {
      mark = new LowWaterMark(10);
    });

    it('is not set by a shorter one', () => {
      claim(mark, [at(5, 10)], 9);
      expect(begins(mark)).toBeUndefined();
    });

    it('is set by a longer one, and then every claim is told where to begin', () => {
      claim(mark, [at(5, 10)], 10);
      expect(begins(mark)).toEqual(at(5, 10));
      mark.lower();
      expect(claim(mark, [at(5, 20)], 10).after).toEqual(ANYWHERE);
      now += 200;
      expect(mark.begin().after).toEqual(ANYWHERE);
    });

    it('is over, so that nothing should wait for the next claim, when it holds no more, not when none was needed', () => {
      expect(mark.isOver).toBe(false);
      claim(mark, [at(5, 10)], 10);
      expect(mark.isOver).toBe(false);
      now += 200;
      expect(mark.isOver).toBe(true);
      claim(mark, [at(5, 20)], 9);
      expect(mark.isOver).toBe(false);
    });

    it('is no longer set when claims are short again', () => {
      claim(mark, [at(5, 10)], 10);
      mark.lower();
      claim(mark, [at(5, 20)], 9);
      expect(begins(mark)).toBeUndefined();
    });
  });
});

describe('the low-water marks of a process', () => {
  const claimOf = (pipeline: string) => ({ pipeline, limit: 1, token: 't' });
  const exchange = async (marks: LowWaterMarks, pipeline: string, claimed: ClaimOrder[] = []) => {
    let began: ClaimOrder | undefined;
    const request = { deletes: [], changes: [], claim: claimOf(pipeline) };
    await marks.exchange(request, (after) => {
      began = after;
      return Promise.resolve({ settled: [], claimed: claimed as never });
    });
    return began;
  };

  it('are one for each pipeline', async () => {
    const marks = new LowWaterMarks(0);
    await exchange(marks, 'mail', [at(5, 10)]);
    expect(await exchange(marks, 'letters')).toBeUndefined();
    expect(await exchange(marks, 'mail')).toEqual(at(5, 10));
    marks.lower(['mail']);
    expect(await exchange(marks, 'mail')).toBeUndefined();
  });

  it('go back to what is added: the least id and the best priority of each pipeline', async () => {
    const marks = new LowWaterMarks(0);
    for (const pipeline of ['mail', 'letters', 'later']) await exchange(marks, pipeline, [at(5, 100)]);
    const row = { payload: '', delay: 0, ttr: 60 };
    marks.added(
      [
        { ...row, pipeline: 'mail', priority: 7 },
        { ...row, pipeline: 'letters', priority: 5 },
        { ...row, pipeline: 'mail', priority: 2 },
        { ...row, pipeline: 'later', priority: 0, delay: 1 },
      ],
      ['101', '102', '103', '104'],
    );
    expect(await exchange(marks, 'mail')).toEqual(at(2, 100));
    expect(await exchange(marks, 'letters')).toEqual(at(5, 100));
    expect(await exchange(marks, 'later')).toEqual(at(5, 100));
  });

  it('go back to a job that is released at once, whether the exchange was answered or not', async () => {
    const marks = new LowWaterMarks(0);
    await exchange(marks, 'mail', [at(5, 100)]);
    const change = {
      id: '7',
      token: 't',
      pipeline: 'mail',
      delay: 0,
      priority: 3,
      reason: null,
      ended: 1,
      failure: null,
    } as const;
    const request = (state: 'ready' | 'delayed') => ({
      deletes: [],
      changes: [{ ...change, state }],
      claim: undefined,
    });
    await marks.exchange(request('delayed'), () => Promise.resolve({ settled: ['7'], claimed: [] }));
    expect(await exchange(marks, 'mail')).toEqual(at(5, 100));
    await expect(marks.exchange(request('ready'), () => Promise.reject(new Error('gone')))).rejects.toThrow();
    expect(await exchange(marks, 'mail')).toEqual(at(3, 6));
  });

  it('are left aside by a thorough claim', async () => {
    const marks = new LowWaterMarks(0);
    await exchange(marks, 'mail', [at(5, 100)]);
    const request = { deletes: [], changes: [], claim: { ...claimOf('mail'), thorough: true } };
    await marks.exchange(request, (after) => {
      expect(after).toBeUndefined();
      return Promise.resolve({ settled: [], claimed: [] });
    });
  });

  it('stay few, however many pipelines there have been', async () => {
    const marks = new LowWaterMarks(0);
    for (let number = 0; number < 1000; number += 1) await exchange(marks, `p${number}`, [at(5, 100)]);
    expect(await exchange(marks, 'p0')).toEqual(at(5, 100));
    await exchange(marks, 'another');
    expect(await exchange(marks, 'p0')).toBeUndefined();
  });
});
