import { setTimeout as later } from 'node:timers/promises';
import { LowWaterMark } from '../../lib/backends/sql/low-water-mark';

const at = (priority: number, id: number) => ({ priority, id: String(id) });

describe('low-water mark', () => {
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

  it('holds only for a while, and again when a claim without it has brought nothing', async () => {
    const mark = new LowWaterMark();
    mark.begin();
    mark.reached(at(5, 10));
    while (mark.begin()) await later(1);
    expect(mark.begin()).toBeUndefined();
    mark.reached(undefined);
    expect(mark.begin()).toEqual(at(5, 10));
  });
});
