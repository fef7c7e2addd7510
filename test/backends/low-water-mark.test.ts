import { LowWaterMark } from '../../lib/backends/sql/engine/low-water-mark';

const at = (priority: number, id: number) => ({ priority, id: String(id) });

describe('low-water mark', () => {
  // It stands still, so that the mark holds however long a busy machine takes from one line to the next.
  let now: number;

  beforeEach(() => {
    now = 1000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => jest.restoreAllMocks());

  it('is where the last claim ended', () => {
    const mark = new LowWaterMark();
    expect(mark.begin()).toBeUndefined();
    mark.reached(at(5, 10));
    expect(mark.begin()).toEqual(at(5, 10));
    mark.reached(at(5, 20));
    expect(mark.begin()).toEqual(at(5, 20));
  });

  it('stays when a claim brings nothing', () => {
    const mark = new LowWaterMark();
    mark.begin();
    mark.reached(at(5, 10));
    mark.begin();
    mark.reached(undefined);
    expect(mark.begin()).toEqual(at(5, 10));
  });

  it('stays when new jobs come behind it', () => {
    const mark = new LowWaterMark();
    mark.begin();
    mark.reached(at(5, 10));
    mark.hear(at(5, 11));
    mark.hear(at(6, 1));
    expect(mark.begin()).toEqual(at(5, 10));
  });

  it.each([
    ['of better priority', at(4, 99), at(4, 98)],
    ['of the same priority and an older id', at(5, 7), at(5, 6)],
    ['at its very place', at(5, 10), at(5, 9)],
    ['from anywhere', undefined, undefined],
  ])('goes back to where jobs come before it: %s', (_what, first, where) => {
    const mark = new LowWaterMark();
    mark.begin();
    mark.reached(at(5, 10));
    mark.hear(first);
    expect(mark.begin()).toEqual(where);
  });

  it('is not set past what was heard of while the claim was under way', () => {
    const mark = new LowWaterMark();
    mark.begin();
    mark.hear(at(5, 8));
    mark.reached(at(5, 10));
    expect(mark.begin()).toEqual(at(5, 7));
    mark.hear(at(5, 11));
    mark.reached(at(5, 10));
    expect(mark.begin()).toEqual(at(5, 10));
    mark.hear();
    mark.reached(at(5, 20));
    expect(mark.begin()).toBeUndefined();
  });

  it('compares ids as numbers', () => {
    const mark = new LowWaterMark();
    mark.begin();
    mark.reached(at(5, 9));
    mark.hear(at(5, 10));
    expect(mark.begin()).toEqual(at(5, 9));
  });

  it('holds for at least 20 ms, then no more until a claim without it has brought nothing', () => {
    const mark = new LowWaterMark();
    mark.begin();
    mark.reached(at(5, 10));
    now += 19;
    expect(mark.begin()).toEqual(at(5, 10));
    now += 1;
    expect(mark.begin()).toBeUndefined();
    mark.reached(undefined);
    expect(mark.begin()).toEqual(at(5, 10));
  });

  it.each([
    ['20 times as long as a claim without it took', 5, 100],
    ['at most 10 s', 3000, 10_000],
  ])('holds for %s', (_what, took, held) => {
    const mark = new LowWaterMark();
    mark.begin();
    now += took;
    mark.reached(at(5, 10));
    now += held - 1;
    expect(mark.begin()).toEqual(at(5, 10));
    now += 1;
    expect(mark.begin()).toBeUndefined();
  });

  describe('where a claim has to take 10 ms to be worth it', () => {
    const ANYWHERE = at(-1, 0);
    let mark: LowWaterMark;

    beforeEach(() => {
      mark = new LowWaterMark(10);
    });

    function claim(duration: number, last: ReturnType<typeof at> | undefined): void {
      mark.begin();
      now += duration;
      mark.reached(last);
    }

    it('is not set by a shorter one', () => {
      claim(9, at(5, 10));
      expect(mark.begin()).toBeUndefined();
    });

    it('is set by a longer one, and then every claim is told where to begin', () => {
      claim(10, at(5, 10));
      expect(mark.begin()).toEqual(at(5, 10));
      mark.hear();
      expect(mark.begin()).toEqual(ANYWHERE);
      claim(10, at(5, 20));
      now += 200;
      expect(mark.begin()).toEqual(ANYWHERE);
    });

    it('is over, so that nothing should wait for the next claim, when it holds no more, not when none was needed', () => {
      expect(mark.isOver).toBe(false);
      claim(10, at(5, 10));
      expect(mark.isOver).toBe(false);
      now += 200;
      expect(mark.isOver).toBe(true);
      claim(9, at(5, 20));
      expect(mark.isOver).toBe(false);
    });

    it('is no longer set when claims are short again', () => {
      claim(10, at(5, 10));
      mark.hear();
      claim(9, at(5, 20));
      expect(mark.begin()).toBeUndefined();
    });
  });
});
