import { Pruner } from '../../lib/backends/sql/ready/pruner';
import { ToldRefusal } from '../../lib/backends/sql/ready/told-refusal';
import { BackendRefusedError, BackendUnavailableError } from '../../lib/core/contract/errors';

describe('a refusal to remove rows', () => {
  let lines: string[];
  let refusal: ToldRefusal;
  const denied = new BackendRefusedError('postgres', 'permission denied');

  beforeEach(() => {
    lines = [];
    refusal = new ToldRefusal('Old rows', { warn: (line) => lines.push(line) });
  });

  it('is told once, and again when the reason is another one', () => {
    refusal.failed(denied);
    refusal.failed(new BackendRefusedError('postgres', 'permission denied'));
    refusal.failed(new BackendRefusedError('postgres', 'no such table'));
    expect(lines).toEqual([
      expect.stringMatching(/^Old rows cannot be removed.*permission denied/),
      expect.stringMatching(/^Old rows cannot be removed.*no such table/),
    ]);
  });

  it('is told again when it was allowed meanwhile', () => {
    refusal.failed(denied);
    refusal.succeeded();
    refusal.failed(denied);
    expect(lines).toHaveLength(2);
  });

  it('is no outage, of which others tell', () => {
    refusal.failed(new BackendUnavailableError('postgres', 'gone'));
    expect(lines).toEqual([]);
  });

  it.each([
    ['the first', (piece: number) => piece === 1],
    ['a later', (piece: number) => piece === 3],
  ])('of %s piece is told, and rejects nothing', async (_, isRefused) => {
    let pieces = 0;
    const prune = () => ((pieces += 1), isRefused(pieces) ? Promise.reject(denied) : Promise.resolve(true));
    const pruner = new Pruner({ prune }, refusal);
    jest.spyOn(performance, 'now').mockReturnValue(Infinity);
    await pruner.prune();
    jest.restoreAllMocks();
    expect(lines).toHaveLength(1);
    expect(isRefused(pieces)).toBe(true);
  });
});
