import { checkedScheduleName, checkedTiming, type ScheduleTiming } from '../../lib/core/schedule/schedule';
import { jobOfSlot, slotOf } from '../../lib/core/schedule/slot-headers';
import { coded } from '../support/coded';

const says = (code: string, message: string): Error =>
  coded(code, { message: expect.stringContaining(message) as unknown });

describe('the time of a schedule', () => {
  it.each<[ScheduleTiming, object]>([
    [{ cron: '0 3 * * *' }, { cron: '0 3 * * *', timeZone: 'UTC', missed: 'once', overlap: true }],
    [
      { cron: ' 30 0 9 * * 1-5 ', timeZone: 'Europe/Berlin', missed: 'all', overlap: false },
      { cron: '30 0 9 * * 1-5', timeZone: 'Europe/Berlin', missed: 'all', overlap: false },
    ],
    [{ cron: '@daily' }, { cron: '@daily', timeZone: 'UTC', missed: 'once', overlap: true }],
    [{ every: '10m' }, { every: 600, timeZone: 'UTC', missed: 'once', overlap: true }],
    [
      { every: 1.5, missed: 'skip' },
      { every: 1.5, timeZone: 'UTC', missed: 'skip', overlap: true },
    ],
  ])('is taken: %j', (timing, checked) => {
    expect(checkedTiming(timing)).toEqual(checked);
  });

  it.each<[string, object, string]>([
    ['neither rule', {}, "A schedule needs cron, as '0 3 * * *', or every, as '10m'"],
    [
      'both rules',
      { cron: '0 3 * * *', every: '10m' },
      'either cron or every, got cron "0 3 * * *" and every "10m"',
    ],
    ['a cron text of four fields', { cron: '0 3 * *' }, 'cron must be five fields'],
    ['a cron text of seven fields', { cron: '0 0 3 * * * 2026' }, 'cron must be five fields'],
    ['a date', { cron: '2026-01-01T00:00:00' }, 'got "2026-01-01T00:00:00"'],
    ['an hour that no day has', { cron: '0 25 * * *' }, 'got "0 25 * * *"'],
    ['words', { cron: 'every night at three o’clock' }, 'cron must be five fields'],
    ['a number', { cron: 5 }, 'cron must be five fields'],
    ['a cron text of a kilobyte', { cron: `${'0,'.repeat(500)}0 3 * * *` }, 'cron must be five fields'],
    ['a day that never comes', { cron: '0 0 31 2 *' }, 'The cron text "0 0 31 2 *" never fires'],
    ['a time zone on Mars', { cron: '0 3 * * *', timeZone: 'Mars/Olympus' }, 'got "Mars/Olympus"'],
    ['an offset', { cron: '0 3 * * *', timeZone: '+09:00' }, 'timeZone must be a name'],
    ['no text as a time zone', { cron: '0 3 * * *', timeZone: 9 }, 'timeZone must be a name'],
    ['a time zone beside every', { every: '1h', timeZone: 'Asia/Seoul' }, 'says nothing beside every "1h"'],
    ['half a second', { every: 0.5 }, 'every must be a duration of 1 to 4294967295 seconds'],
    ['no length of time', { every: 'often' }, 'got "often"'],
  ])('is refused with its value and the rule: %s', (_, timing, message) => {
    expect(() => checkedTiming(timing)).toThrow(says('INVALID_SCHEDULE', message));
  });

  it('refuses a day that never comes before long', () => {
    const began = performance.now();
    expect(() => checkedTiming({ cron: '0 0 30 2 *' })).toThrow('never fires');
    expect(() => checkedTiming({ cron: '* * * 31 2,4,6,9,11 *' })).toThrow('never fires');
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it.each<[object, string]>([
    [{ missed: 'twice' }, 'missed must be one of once, skip, all, got "twice"'],
    [{ overlap: 'no' }, 'overlap must be true or false, got "no"'],
  ])('refuses the option %j', (option, message) => {
    expect(() => checkedTiming({ cron: '0 3 * * *', ...option })).toThrow(
      says('INVALID_JOB_OPTION', message),
    );
  });
});

describe('the name of a schedule', () => {
  it.each(['report', 'trial ends: de', 'x'.repeat(200), '보고서'])('is taken: %s', (name) => {
    expect(checkedScheduleName(name)).toBe(name);
  });

  it.each([
    ['', '""'],
    [' report', '" report"'],
    ['re\nport', '"re\\nport"'],
    ['x'.repeat(201), '…'],
    [7, '7'],
    ['\ud800', ''],
  ])('is refused: %j', (name, named) => {
    expect(() => checkedScheduleName(name)).toThrow(says('INVALID_SCHEDULE', named));
  });
});

describe('the headers of a scheduled job', () => {
  it('name the schedule and the slot', () => {
    const { headers } = jobOfSlot(
      {
        name: 'report',
        pipeline: 'report',
        cron: '0 3 * * *',
        timeZone: 'UTC',
        payload: 'null',
        priority: 1024,
        ttr: 60,
        missed: 'once',
        overlap: true,
        source: 'api',
      },
      5_000,
    );
    expect(slotOf({ headers: headers as string })).toEqual({ schedule: 'report', slot: new Date(5_000) });
  });

  it.each([
    '',
    'nonsense',
    '[]',
    'null',
    '{"schedule":5,"slot":6}',
    '{"schedule":"report"}',
    '{"trace":"a"}',
  ])('say nothing when somebody else wrote %j', (headers) => {
    expect(slotOf({ headers })).toBeUndefined();
  });
});
