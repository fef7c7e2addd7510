import type { Leased } from '../../lib/core/contract/job-data';
import { Ahead } from '../../lib/core/worker/ahead';
import { until } from '../support/until';

function jobs(count: number, ttr = 60): Leased[] {
  return Array.from({ length: count }, (_, index) => ({
    id: String(index),
    pipeline: 'mail',
    payload: '1',
    priority: 0,
    ttr,
    timeouts: 0,
    kicks: 0,
    attempt: 1,
  }));
}

/** What may be held ahead after each of some exchanges, in between which a handler took that long. */
function capacities(concurrency: number, ...milliseconds: number[]): number[] {
  const ahead = new Ahead(concurrency, true, () => undefined);
  return milliseconds.map((duration) => {
    for (let n = 0; n < 50; n += 1) ahead.ended(duration);
    ahead.adjust();
    return ahead.capacity;
  });
}

describe('jobs taken ahead', () => {
  it('are none at first, then at most twice as many after each exchange, and never more than 1000', () => {
    const ahead = new Ahead(10, true, () => undefined);
    expect(ahead.capacity).toBe(0);
    expect(capacities(10, ...Array<number>(9).fill(0.001))).toEqual([
      10, 20, 40, 80, 160, 320, 640, 1000, 1000,
    ]);
  });

  it('are 100 ms of work for the handlers, and none for slow ones', () => {
    expect(capacities(10, 5, 5, 5, 5, 5, 5).at(-1)).toBe(200);
    expect(capacities(10, 51, 51)).toEqual([0, 0]);
    expect(capacities(1, 1, 1, 1, 1, 1, 1, 1, 1, 200).slice(-2)).toEqual([100, 0]);
  });

  it('are none where a backend cannot take them back', () => {
    const ahead = new Ahead(10, true, undefined);
    ahead.adjust();
    expect(ahead.capacity).toBe(0);
  });

  it('are given back, in their order, when nothing moves for 100 ms', async () => {
    const given: Leased[][] = [];
    const ahead = new Ahead(1, true, (back) => void given.push(back));
    ahead.adjust();
    const [first, ...others] = jobs(4);
    ahead.add([first!, ...others]);
    expect(ahead.next()?.job).toBe(first);
    ahead.watch();
    await until('they are given back', () => given.length > 0);
    expect(given).toEqual([others]);
    expect([ahead.size, ahead.capacity]).toEqual([0, 0]);
  });

  it('are not started when half their time to run has passed', () => {
    const given: Leased[][] = [];
    const ahead = new Ahead(1, true, (back) => void given.push(back));
    const late = jobs(2, 0);
    ahead.add(late);
    const end = performance.now() + 2;
    while (performance.now() < end);
    expect(ahead.next()).toBeUndefined();
    expect(given).toEqual([late]);
  });
});
