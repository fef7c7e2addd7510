import { BuryJob, ReleaseJob } from '../../lib/core/policy/outcome';
import { type RetryOptions, retryPolicy } from '../../lib/core/policy/retry-policy';
import { coded } from '../support/coded';

const failure = new Error('no route to host');

/** The waits after each failed attempt until the job is buried. */
function waits(options: RetryOptions, random = 0): number[] {
  const policy = retryPolicy(options, () => random);
  const found: number[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const outcome = policy(failure, attempt);
    if (outcome.outcome !== 'release') return found;
    found.push(outcome.delay);
  }
}

describe('retry policy', () => {
  it('buries at the first failure by default, and keeps the error', () => {
    expect(retryPolicy()(failure, 1)).toEqual({ outcome: 'bury', reason: failure.stack });
  });

  it('tries again at once without a backoff, as often as it says', () => {
    expect(waits({ attempts: 3 })).toEqual([0, 0]);
  });

  it('waits a fixed time, as a number or by name', () => {
    expect(waits({ attempts: 3, backoff: 5 })).toEqual([5, 5]);
    expect(waits({ attempts: 3, backoff: { type: 'fixed', delay: 5 } })).toEqual([5, 5]);
  });

  it('doubles the wait up to its ceiling', () => {
    const backoff = { type: 'exponential', delay: 1, max: 10 } as const;
    expect(waits({ attempts: 7, backoff })).toEqual([1, 2, 4, 8, 10, 10]);
    expect(waits({ attempts: 2000, backoff: { type: 'exponential', delay: 1 } }).at(-1)).toBe(3600);
  });

  it('shortens waits by jitter, never lengthens them', () => {
    expect(waits({ attempts: 2, backoff: { type: 'exponential', delay: 10 } }, 1)).toEqual([8]);
    expect(waits({ attempts: 2, backoff: { type: 'fixed', delay: 10, jitter: 0.5 } }, 1)).toEqual([5]);
    expect(waits({ attempts: 2, backoff: { type: 'fixed', delay: 10, jitter: 1 } }, 0.5)).toEqual([5]);
  });

  it('asks a function, and takes no nonsense from it', () => {
    const asked: unknown[] = [];
    const backoff = (error: unknown, attempt: number) => (asked.push([error, attempt]), attempt * 2);
    expect(waits({ attempts: 3, backoff })).toEqual([2, 4]);
    expect(asked).toEqual([
      [failure, 1],
      [failure, 2],
    ]);
    const broken = () => {
      throw new Error('no header');
    };
    expect(waits({ attempts: 2, backoff: broken })).toEqual([1]);
    for (const nonsense of [NaN, -1, Infinity, undefined as unknown as number]) {
      expect(waits({ attempts: 2, backoff: () => nonsense })).toEqual([1]);
    }
  });

  it('does what a handler asks for, whatever the attempts say', () => {
    const policy = retryPolicy({ attempts: 5 });
    expect(policy(new BuryJob('no such user'), 1)).toEqual({ outcome: 'bury', reason: 'no such user' });
    expect(policy(new ReleaseJob({ delay: 7, priority: 3 }), 99)).toEqual({
      outcome: 'release',
      delay: 7,
      planned: true,
      priority: 3,
    });
  });

  it('buries what throws something without a text', () => {
    expect(retryPolicy()(Object.create(null), 1)).toEqual({
      outcome: 'bury',
      reason: 'thrown: an object',
    });
    expect(waits({ attempts: 2000, backoff: { type: 'exponential', delay: 0 } }).at(-1)).toBe(0);
  });

  it('keeps what a burial was caused by', () => {
    const { reason } = retryPolicy()(new BuryJob('no such user', { cause: failure }), 1) as {
      reason: string;
    };
    expect(reason.split('\n').slice(0, 2)).toEqual(['no such user', 'Error: no route to host']);
  });

  it.each([
    [{ attempts: 0 }, 'INVALID_JOB_OPTION'],
    [{ attempts: 1.5 }, 'INVALID_JOB_OPTION'],
    [{ backoff: -1 }, 'INVALID_JOB_OPTION'],
    [{ backoff: { type: 'fixed', delay: NaN } }, 'INVALID_JOB_OPTION'],
    [{ backoff: { type: 'exponential', delay: 1, jitter: 2 } }, 'INVALID_JOB_OPTION'],
    [{ backoff: { type: 'linear', delay: 1 } as never }, 'INVALID_JOB_OPTION'],
  ] as [RetryOptions, string][])('refuses %j', (options, code) => {
    expect(() => retryPolicy(options)).toThrow(coded(code));
  });
});
