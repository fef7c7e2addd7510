import { LeaseGrace } from '../../lib/backends/sql/ready/lease-grace';

/* Times in milliseconds, of a server whose clock is a million ahead of ours. */

const AHEAD = 1_000_000;
const EVER = 8_640_000_000_000_000;

describe('leases whose time is over', () => {
  let now: number;
  let grace: LeaseGrace;

  beforeEach(() => {
    now = 0;
    grace = new LeaseGrace({ now: () => now });
  });

  /** A look that is sent so many milliseconds after the last one, and is so many on its way. */
  function look({ after = 1000, travels = 5 } = {}): number {
    now += after;
    const sent = grace.sent();
    now += travels;
    grace.answered(sent, now + AHEAD);
    return sent.leasesUntil;
  }

  it('are freed by the first look of a process', () => {
    expect(look()).toBe(EVER);
  });

  it('are let be for some time after the start of a process beside others', () => {
    grace.newcomer();
    expect(look()).toBe(0);
    expect(look({ after: 4900 })).toBe(0);
    expect(look()).toBe(EVER);
  });

  it('are freed by a look that reaches the server within a second', () => {
    look();
    const inTime = () => now - 5 + AHEAD + 1005;
    expect(look()).toBe(inTime());
    expect(look({ after: 30_000 })).toBe(inTime());
  });

  it('are let be in an outage, and for some time after', () => {
    look();
    grace.failed();
    expect(look()).toBe(0);
    expect(look({ after: 5000 })).toBe(0);
    expect(look({ after: 1500 })).toBe(EVER);
    expect(look()).toBeLessThan(EVER);
  });

  it('are let be by a look for which the server stood still, and for some time after', () => {
    look();
    const until = look({ travels: 4000 });
    expect(until).toBeLessThan(now + AHEAD);
    expect(look({ after: 5000 })).toBe(0);
    expect(look()).toBe(EVER);
  });

  it('are let be for some time after statements were held up, and freed in between when they always are', () => {
    look();
    expect(grace.sent(now).leasesUntil).toBe(0);
    expect(look({ after: 5000 })).toBe(0);
    const looks = Array.from({ length: 40 }, () => {
      now += 1000;
      const sent = grace.sent(now);
      grace.answered(sent, now + AHEAD);
      return sent.leasesUntil;
    });
    expect(looks.filter((until) => until > 0).length).toBeGreaterThanOrEqual(5);
    expect(looks.filter((until) => until === 0).length).toBeGreaterThanOrEqual(30);
  });

  it('are freed although our own process stood still', () => {
    look();
    now += 20_000;
    expect(look()).toBe(now - 5 + AHEAD + 1005);
  });

  it('are freed now and then when the server is always slow', () => {
    for (const travels of [3000, 3000, 3000]) expect(look({ travels })).toBeGreaterThan(now + AHEAD);
    const looks = Array.from({ length: 40 }, (_, index) => look({ travels: index % 3 === 0 ? 5000 : 5 }));
    expect(looks.filter((until) => until === EVER).length).toBeGreaterThanOrEqual(4);
  });
});
