import type { Leased } from '../../lib/core/contract/job-data';
import { Intake, type IntakeOptions } from '../../lib/core/worker/intake';

let now = 0;
const clock = { now: () => now };

beforeEach(() => {
  now = 1000;
});

function jobs(count: number, { ttr = 60, payload = '1' } = {}): Leased[] {
  return Array.from({ length: count }, (_, index) => ({
    id: String(index),
    pipeline: 'mail',
    payload,
    priority: 0,
    ttr,
    timeouts: 0,
    kicks: 0,
    attempt: 1,
  }));
}

function intake(options: Partial<IntakeOptions> = {}): Intake {
  return new Intake({
    concurrency: 10,
    prefetch: true,
    returns: true,
    budget: { left: Infinity },
    presence: { provable: false },
    clock,
    ...options,
  });
}

/** What may be prefetched after each of some round trips of 5 ms, in between which a handler took that long. */
function capacities(concurrency: number, ...milliseconds: number[]): number[] {
  return capacitiesOf({ concurrency }, ...milliseconds);
}

function capacitiesOf(options: Partial<IntakeOptions>, ...milliseconds: number[]): number[] {
  const one = intake(options);
  return milliseconds.map((duration) => {
    one.started();
    one.ended(duration);
    one.measured(5);
    return one.prefetch;
  });
}

/** Starts all that may start in macrotasks of their own. */
function startAll(one: Intake): Leased[] {
  const started: Leased[] = [];
  for (let next = one.next(); next; next = one.next()) {
    one.started();
    started.push(next.job);
    one.renewStarts();
  }
  return started;
}

describe('what is prefetched', () => {
  it('is nothing before a handler and a round trip were measured', () => {
    const one = intake();
    expect(one.wanted).toBe(10);
    one.measured(5);
    expect([one.prefetch, one.wanted]).toEqual([0, 10]);
    one.started();
    one.ended(0.1);
    one.measured(5);
    expect(one.prefetch).toBe(10);
  });

  it('is at most twice as much after each round trip, and no more than a kill may leave behind', () => {
    expect(capacities(10, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01)).toEqual([10, 20, 40, 80, 90, 90]);
    expect(capacities(1, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01).at(-1)).toBe(99);
    expect(capacities(200, 0.01, 0.01, 0.01, 0.01).at(-1)).toBe(1000);
    expect(capacities(60, ...Array<number>(9).fill(0.01)).at(-1)).toBe(600);
  });

  it('may be more while the others would soon know that its process has died', () => {
    const presence = { provable: true };
    const quick = Array<number>(12).fill(0.01);
    for (const concurrency of [1, 10, 60]) {
      expect(capacitiesOf({ concurrency, presence, abreastFrom: 200 }, ...quick).at(-1)).toBe(2000);
    }
    // In the process itself, as SQLite, an exchange of so many holds up everything else.
    for (const abreastFrom of [undefined, Infinity]) {
      expect(capacitiesOf({ concurrency: 10, presence, abreastFrom }, ...quick).at(-1)).toBe(90);
    }
    const slower = { concurrency: 1, presence, abreastFrom: 1 };
    expect(capacitiesOf(slower, 10, 10, 10, 10, 10).at(-1)).toBe(10);

    const one = intake({ presence, abreastFrom: 1 });
    const measure = (times: number) => {
      for (let time = 0; time < times; time += 1) {
        one.started();
        one.ended(0.01);
        one.measured(5);
      }
      return one.prefetch;
    };
    expect(measure(12)).toBe(2000);
    presence.provable = false;
    expect(measure(1)).toBe(90);
  });

  it('is at most what the option says', () => {
    expect(capacitiesOf({ concurrency: 10, prefetch: 15 }, 0.01, 0.01, 0.01)).toEqual([10, 15, 15]);
    expect(capacitiesOf({ concurrency: 1, prefetch: 1000 }, ...Array<number>(12).fill(0.01)).at(-1)).toBe(
      1000,
    );
    expect(capacitiesOf({ concurrency: 1, prefetch: 1000 }, 10, 10, 10, 10, 10).at(-1)).toBe(10);
  });

  it('is 100 ms of work for the handlers', () => {
    expect(capacities(1, 10, 10, 10, 10, 10).at(-1)).toBe(10);
  });

  it('is nothing while handlers take longer than five round trips, from the first one on', () => {
    expect(capacities(10, 26)).toEqual([0]);
    expect(capacities(10, 200, 200)).toEqual([0, 0]);
    expect(capacities(10, 1, 1, 200)).toEqual([10, 20, 0]);
  });

  it('is nothing where leases do not return, or when it is switched off', () => {
    for (const options of [{ returns: false }, { prefetch: false }]) {
      const one = intake(options);
      one.started();
      one.ended(0.1);
      one.measured(5);
      expect(one.prefetch).toBe(0);
    }
  });

  it('is few when the payloads are large, and what is too much to hold goes back', () => {
    const one = intake({ concurrency: 1 });
    one.accept(jobs(20, { payload: 'x'.repeat(1_000_000) }), now);
    expect(one.surplus()).toHaveLength(12);
    expect(startAll(one)).toHaveLength(1);
    one.ended(0.1);
    one.measured(5);
    expect(one.prefetch).toBeLessThanOrEqual(8);
  });

  it('goes back when nothing has moved for 100 ms while all slots are taken', () => {
    const one = intake({ concurrency: 1 });
    one.accept(jobs(4), now);
    expect(startAll(one)).toHaveLength(1);
    now += 99;
    expect(one.surplus()).toEqual([]);
    now += 1;
    expect(one.surplus().map(({ id }) => id)).toEqual(['1', '2', '3']);
    one.measured(5);
    expect([one.waiting, one.prefetch]).toEqual([0, 0]);
  });
});

describe('what is worth a second settlement', () => {
  it('is a quarter of what may be held and run, where two are quicker and no order is to be kept', () => {
    const worth = (options: Partial<IntakeOptions>, handlerTime = 0.01) => {
      const one = intake({ abreastFrom: 1, ...options });
      one.started();
      one.ended(handlerTime);
      one.measured(5);
      return one.worthOneMore;
    };
    expect([worth({ concurrency: 10 }), worth({ concurrency: 40 })]).toEqual([5, 20]);
    expect([worth({ concurrency: 10, abreastFrom: 5 }), worth({ concurrency: 10, abreastFrom: 6 })]).toEqual([
      5, 6,
    ]);
    const never = [{ abreastFrom: undefined }, { concurrency: 1 }, { prefetch: false }].map((options) =>
      worth(options),
    );
    expect([...never, worth({ concurrency: 10 }, 26)]).toEqual([Infinity, Infinity, Infinity, Infinity]);
  });

  it('leaves less room while others wait to be settled', () => {
    const one = intake({ concurrency: 10 });
    expect([one.wantedBeside(0), one.wantedBeside(4), one.wantedBeside(11)]).toEqual([10, 6, 0]);
  });
});

describe('what may start', () => {
  it('is what there are slots for, and what the job budget allows', () => {
    const one = intake({ concurrency: 3 });
    one.accept(jobs(5), now);
    expect(startAll(one)).toHaveLength(3);
    one.ended(1);
    expect(startAll(one)).toHaveLength(1);
    const spent = intake({ budget: { left: 0 } });
    spent.accept(jobs(1), now);
    expect([spent.next(), spent.wanted]).toEqual([undefined, 0]);
  });

  it('is not a job whose half ttr has passed since its claim was sent', () => {
    const one = intake();
    one.accept(jobs(2, { ttr: 2 }), now - 1001);
    expect(one.next()).toBeUndefined();
    expect(one.surplus()).toHaveLength(2);
  });

  it('is no more than fits in a millisecond of one macrotask', () => {
    const one = intake();
    one.accept(jobs(3), now);
    expect(one.next()).toBeDefined();
    now += 1;
    expect([one.next(), one.startsUsedUp]).toEqual([undefined, true]);
    expect(one.renewStarts()).toBe(true);
    expect(one.next()).toBeDefined();
  });
});

describe('what is asked for', () => {
  it('counts what runs, what is held, and what is being asked for already', () => {
    const one = intake({ budget: { left: 8 } });
    expect(one.wanted).toBe(8);
    one.promise(5);
    expect(one.wanted).toBe(3);
    one.resolvePromise(5);
    one.accept(jobs(4), now);
    expect([one.wanted, one.emptySlots]).toEqual([4, 6]);
  });
});
