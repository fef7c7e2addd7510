import fc from 'fast-check';
import { detailsOf, errorNameOf, lineOf, messageOf, shown, stackOf } from '../../lib/core/checks/text';
import { BuryJob, reasonOf } from '../../lib/core/policy/outcome';
import { retryPolicy } from '../../lib/core/policy/retry-policy';
import { HOSTILE_VALUES, SECRET } from '../support/hostile-values';

const LINES = { shown, lineOf, messageOf, errorNameOf };

describe.each(Object.entries(LINES))('%s', (_name, textOf) => {
  it.each(Object.entries(HOSTILE_VALUES))('makes a short line of %s', (_what, value) => {
    const line = textOf(value);
    expect(typeof line).toBe('string');
    expect(line.length).toBeLessThanOrEqual(1000);
    expect(line).not.toMatch(/[\r\n]/);
  });

  it('makes one of anything', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }),
        (value) => {
          expect(textOf(value)).not.toMatch(/[\r\n]/);
        },
      ),
    );
  });
});

it.each(Object.entries(HOSTILE_VALUES))(
  'a reason is made of %s, and no longer than any backend keeps',
  (_what, value) => {
    for (const thrown of [value, new BuryJob('a', { cause: value }), new BuryJob(value as string)]) {
      for (const text of [detailsOf(thrown), reasonOf(thrown)]) {
        expect(typeof text).toBe('string');
        expect(Buffer.byteLength(text)).toBeLessThan(2 ** 16);
      }
      expect(retryPolicy()(thrown, 1)).toMatchObject({ outcome: 'bury' });
    }
    expect(typeof (stackOf(value) ?? '')).toBe('string');
  },
);

it('a reason follows causes as long as they are new', () => {
  const error = new BuryJob('a');
  (error as Error).cause = error;
  expect(reasonOf(error)).toBe('a');
  const other = new BuryJob('b', { cause: new BuryJob('c', { cause: error }) });
  expect(reasonOf(other)).toBe('b\nc\na');
});

it('an object is named and not shown, a text is cut', () => {
  expect(shown({ password: SECRET })).toBe('an object');
  expect(shown(new URL('postgres://user:secret@host/db'))).toBe('a URL');
  expect(shown([SECRET])).toBe('an array');
  expect(shown(new (class Order {})())).toBe('an Order');
  expect(shown('x'.repeat(100))).toHaveLength(60);
  expect(shown('two\nlines')).toBe('"two\\nlines"');
  expect(shown(-5n)).toBe('-5n');
  expect(lineOf(new TypeError('no\nwonder'))).toBe('TypeError: no');
});

it('a text is never cut within a letter', () => {
  for (const before of ['', 'x']) {
    expect(reasonOf(new BuryJob(before + '😀'.repeat(20_000)))).toMatch(/😀…$/u);
  }
});

it('a Date that is none is shown as such', () => {
  expect([shown(new Date(0)), shown(new Date(NaN))]).toEqual(['a Date', 'an invalid Date']);
});
