import fc from 'fast-check';
import { checkedDuration } from '../../lib/core/checks/checks';
import type { Duration } from '../../lib/core/checks/duration';
import { ReleaseJob } from '../../lib/core/policy/outcome';
import { retryPolicy } from '../../lib/core/policy/retry-policy';
import { coded } from '../support/coded';

const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

it.each<[Duration, number]>([
  [0, 0],
  [2.5, 2.5],
  ['250ms', 0.25],
  ['10s', 10],
  ['1.5s', 1.5],
  ['5m', 300],
  ['2h', 7200],
  ['1d', 86_400],
  ['7d', 604_800],
])('%j is %d seconds', (duration, seconds) => {
  expect(checkedDuration('delay', duration)).toBe(seconds);
});

it.each([
  '',
  '5',
  '5 m',
  '5min',
  '-5s',
  's',
  '1e3s',
  '5M',
  ' 5s',
  '5s ',
  '1h30m',
  NaN,
  Infinity,
  -1,
  null,
  {},
])('%j is refused', (value) => {
  expect(() => checkedDuration('delay', value as Duration)).toThrow(
    coded('INVALID_JOB_OPTION', {
      message: expect.stringMatching(
        /^delay must be a duration of 0 to 4294967295 seconds, as 10 or '10s', got /,
      ),
    }),
  );
});

it('any number with any unit is that many of them', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.constantFrom('ms', 's', 'm', 'h', 'd'), (amount, unit) => {
      expect(checkedDuration('delay', `${amount}${unit}`)).toBe(amount * SECONDS[unit]);
    }),
  );
});

it('backoffs and releases take them', () => {
  const wait = (backoff: Parameters<typeof retryPolicy>[0]) =>
    retryPolicy(backoff, () => 0)(new Error('a'), 1);
  expect(wait({ attempts: 2, backoff: '5m' })).toMatchObject({ delay: 300 });
  expect(wait({ attempts: 2, backoff: { type: 'fixed', delay: '250ms' } })).toMatchObject({ delay: 0.25 });
  expect(wait({ attempts: 2, backoff: { type: 'exponential', delay: '2h', max: '1h' } })).toMatchObject({
    delay: 3600,
  });
  expect(wait({ attempts: 2, backoff: () => '2h' })).toMatchObject({ delay: 7200 });
  expect(new ReleaseJob({ delay: '60s' })).toMatchObject({ delay: 60, message: 'released for 60 s' });
});
