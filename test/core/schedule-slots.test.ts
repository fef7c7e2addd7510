import type { Missed } from '../../lib/core/contract/ports/schedules';
import { firing, GRACE_MS, nextSlot, slotsFrom } from '../../lib/core/schedule/slots';

const at = (text: string): number => Date.parse(text);
const shown = (slots: readonly (number | undefined)[]) =>
  slots.map((slot) => slot && new Date(slot).toISOString().replace(':00.000Z', 'Z'));

/** The slots of a cron text from one moment to another, from one to the next. */
function slotsOf(cron: string, timeZone: string, from: string, to: string): unknown[] {
  const rule = { cron, timeZone };
  const slots: number[] = [];
  for (
    let slot = nextSlot(rule, at(from) - 1);
    slot !== undefined && slot < at(to);
    slot = nextSlot(rule, slot)
  )
    slots.push(slot);
  return shown(slots);
}

describe('the slots of a cron text over a change of the clocks', () => {
  it.each([
    [
      'a time that New York leaves out comes at the first moment after the gap',
      '30 2 * * *',
      'America/New_York',
      ['2026-03-07T00:00Z', '2026-03-10T00:00Z'],
      ['2026-03-07T07:30Z', '2026-03-08T07:00Z', '2026-03-09T06:30Z'],
    ],
    [
      'a time that New York has twice comes once',
      '30 1 * * *',
      'America/New_York',
      ['2026-10-31T00:00Z', '2026-11-03T00:00Z'],
      ['2026-10-31T05:30Z', '2026-11-01T05:30Z', '2026-11-02T06:30Z'],
    ],
    [
      'an hourly one goes by the time that has passed',
      '0 * * * *',
      'America/New_York',
      ['2026-11-01T04:00Z', '2026-11-01T09:00Z'],
      [
        '2026-11-01T04:00Z',
        '2026-11-01T05:00Z',
        '2026-11-01T06:00Z',
        '2026-11-01T07:00Z',
        '2026-11-01T08:00Z',
      ],
    ],
    [
      'the gap of half an hour of Lord Howe loses no day and doubles none',
      '15 2 * * *',
      'Australia/Lord_Howe',
      ['2026-10-02T00:00Z', '2026-10-05T00:00Z'],
      ['2026-10-02T15:45Z', '2026-10-03T15:30Z', '2026-10-04T15:15Z'],
    ],
    [
      'the midnight that Santiago leaves out comes at the first moment of the day',
      '0 0 * * *',
      'America/Santiago',
      ['2026-09-05T00:00Z', '2026-09-08T00:00Z'],
      ['2026-09-05T04:00Z', '2026-09-06T04:00Z', '2026-09-07T03:00Z'],
    ],
    [
      'the day that Apia left out has none',
      '0 12 * * *',
      'Pacific/Apia',
      ['2011-12-29T00:00Z', '2012-01-01T00:00Z'],
      ['2011-12-29T22:00Z', '2011-12-30T22:00Z', '2011-12-31T22:00Z'],
    ],
  ] as const)('%s', (_, cron, timeZone, [from, to], slots) => {
    expect(slotsOf(cron, timeZone, from, to)).toEqual(slots);
  });
});

describe('the slots of a length of time', () => {
  it('are its multiples since 1970 and do not drift', () => {
    const rule = { every: 600, timeZone: 'UTC' };
    expect(shown(slotsFrom(rule, nextSlot(rule, at('2026-03-08T06:59:59.999Z'))!, 3))).toEqual([
      '2026-03-08T07:00Z',
      '2026-03-08T07:10Z',
      '2026-03-08T07:20Z',
    ]);
    expect(nextSlot(rule, at('2026-03-08T07:00:00Z'))).toBe(at('2026-03-08T07:10:00Z'));
  });
});

describe('a schedule that is due', () => {
  const nightly = { cron: '0 3 * * *', timeZone: 'UTC' };
  const due = at('2026-01-01T03:00:00Z');
  const fired = (missed: Missed, now: string, most = 100, rule: object = nightly) => {
    const { slots, next } = firing({ timeZone: 'UTC', ...rule, missed }, due, at(now), most);
    return { slots: shown(slots), next: shown([next])[0] };
  };

  it.each(['once', 'skip', 'all'] as const)('has one slot in time: %s', (missed) => {
    expect(fired(missed, '2026-01-01T03:00:00.200Z')).toEqual({
      slots: ['2026-01-01T03:00Z'],
      next: '2026-01-02T03:00Z',
    });
  });

  it('has the last one of those that nobody fired, the others with it: once', () => {
    expect(fired('once', '2026-01-04T12:00:00Z')).toEqual({
      slots: ['2026-01-04T03:00Z'],
      next: '2026-01-05T03:00Z',
    });
  });

  it('has none of them, unless the last one is at most a minute late: skip', () => {
    expect(fired('skip', '2026-01-04T12:00:00Z')).toEqual({ slots: [], next: '2026-01-05T03:00Z' });
    const late = new Date(at('2026-01-04T03:00:00Z') + GRACE_MS).toISOString();
    expect(fired('skip', late).slots).toEqual(['2026-01-04T03:00Z']);
  });

  it('has each of them, so many at a time: all', () => {
    expect(fired('all', '2026-01-04T12:00:00Z')).toEqual({
      slots: ['2026-01-01T03:00Z', '2026-01-02T03:00Z', '2026-01-03T03:00Z', '2026-01-04T03:00Z'],
      next: '2026-01-05T03:00Z',
    });
    expect(fired('all', '2026-01-04T12:00:00Z', 3)).toEqual({
      slots: ['2026-01-01T03:00Z', '2026-01-02T03:00Z', '2026-01-03T03:00Z'],
      next: '2026-01-04T03:00Z',
    });
  });

  it('finds the last of the 31 million seconds of a year without going through them', () => {
    const began = performance.now();
    expect(fired('once', '2027-01-01T03:00:00.5Z', 100, { cron: '* * * * * *' }).next).toBe(
      '2027-01-01T03:00:01.000Z',
    );
    expect(fired('once', '2027-01-01T03:00:00.5Z', 100, { every: 1 }).slots).toEqual(['2027-01-01T03:00Z']);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('finds the last slot where slots lie close together in one hour of the day', () => {
    expect(fired('once', '2026-02-01T12:00:00Z', 100, { cron: '*/7 3 * * *' })).toEqual({
      slots: ['2026-02-01T03:56Z'],
      next: '2026-02-02T03:00Z',
    });
  });

  it('fires the first slot after a moment that is none', () => {
    const { slots, next } = firing(
      { ...nightly, missed: 'once' },
      due + 60_000,
      at('2026-01-01T12:00:00Z'),
      100,
    );
    expect([shown(slots), shown([next])]).toEqual([[], ['2026-01-02T03:00Z']]);
  });
});
