import { FaultReporter } from '../../lib/backends/sql/connection/fault-reporter';
import { PooledExecutor } from '../../lib/backends/sql/connection/pooled-executor';
import { BackendUnavailableError } from '../../lib/core/contract/errors';

describe('a statement that loses a deadlock', () => {
  const deadlock = Object.assign(new Error('deadlock'), { code: 'ER_LOCK_DEADLOCK', errno: 1213 });
  const codes = { conflict: new Set<unknown>(['ER_LOCK_DEADLOCK']), unavailable: () => true };

  /** Statements that lose so many deadlocks; the moments at which they were tried, in milliseconds. */
  function losing(deadlocks: number) {
    const tried: number[] = [];
    const connections = {
      deadline: 10,
      lend: async () => {
        tried.push(performance.now());
        if (tried.length <= deadlocks) throw deadlock;
        return 1;
      },
    };
    return { tried, executor: new PooledExecutor(connections as never, new FaultReporter('mysql', codes)) };
  }

  it('is tried again after pauses that double', async () => {
    const { tried, executor } = losing(6);
    expect(await executor.change('update')).toBe(1);
    const pauses = tried.slice(1).map((at, index) => at - tried[index]!);
    // Jitter takes up to half of them; timers fire up to a millisecond early.
    for (const [index, least] of [1, 2, 4, 8, 16, 32].entries())
      expect(pauses[index]).toBeGreaterThanOrEqual(least - 1);
  });

  it('is told after ten more tries', async () => {
    const { tried, executor } = losing(Infinity);
    await expect(executor.change('update')).rejects.toThrow(BackendUnavailableError);
    expect(tried).toHaveLength(11);
  });
});
