import { consecutiveIds } from '../../lib/backends/sql/puts/stored-ids';

it('ids follow each other in steps, also where numbers are no longer exact', () => {
  expect(consecutiveIds('7', 3)).toEqual(['7', '8', '9']);
  expect(consecutiveIds(7, 3, 10)).toEqual(['7', '17', '27']);
  // 2^53 + 1 is the first one that no number has.
  expect(consecutiveIds('9007199254740990', 3)).toEqual([
    '9007199254740990',
    '9007199254740991',
    '9007199254740992',
  ]);
  expect(consecutiveIds(9007199254740992n, 2)).toEqual(['9007199254740992', '9007199254740993']);
  expect(consecutiveIds('18446744073709551600', 2, 5)).toEqual([
    '18446744073709551600',
    '18446744073709551605',
  ]);
});
