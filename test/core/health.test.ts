import { BackendUnavailableError } from '../../lib/core/contract/errors';
import { Health } from '../../lib/core/process/health';

const away = new BackendUnavailableError('postgres', 'it is away');

let now: number;
let lines: string[];
let health: Health;

beforeEach(() => {
  now = 1_000_000;
  lines = [];
  const note = (line: string): void => void lines.push(line);
  health = new Health('postgres', { debug: note, log: note, warn: note, error: note }, { now: () => now });
});

describe('the wait before the next try', () => {
  afterEach(() => jest.restoreAllMocks());

  /** At so many seconds of the outage. */
  function waitAt(seconds: number): number {
    now = 1_000_000 + seconds * 1000;
    return health.failed(away);
  }

  it('is half of the outage so far, between 0.1 and 5 s', () => {
    jest.spyOn(Math, 'random').mockReturnValue(1);
    expect([0, 0.1, 1, 4, 9, 60, 86_400].map(waitAt)).toEqual([0.1, 0.1, 0.5, 2, 4.5, 5, 5]);
  });

  it('is up to a half shorter, so that not all processes come back at once', () => {
    jest.spyOn(Math, 'random').mockReturnValue(0);
    expect([0, 4, 60].map(waitAt)).toEqual([0.05, 1, 2.5]);
  });

  it('begins anew with the next outage', () => {
    jest.spyOn(Math, 'random').mockReturnValue(1);
    waitAt(0);
    expect(waitAt(60)).toBe(5);
    health.answered();
    expect(waitAt(61)).toBe(0.1);
  });
});

it('an outage has one line when it begins and one when it is over, which everybody who waits is told', () => {
  const told = jest.fn();
  health.onBack(told);
  health.answered();
  for (let tries = 0; tries < 3; tries += 1) {
    health.failed(away);
    now += 700;
  }
  expect([health.lost, told.mock.calls.length]).toEqual([true, 0]);
  health.answered();
  health.answered();
  expect([health.lost, told.mock.calls.length]).toEqual([false, 1]);
  expect(lines).toEqual([
    'postgres does not answer, trying again until it does: The postgres backend is not available: it is away',
    'postgres answers again after 2.1 s',
  ]);
});
