import { join } from 'node:path';
import { WorkerProcess } from '../support/worker-process';

/** Less than a small object for each of the 80,000 jobs in between. */
const MOST_GROWTH = 80_000 * 32;

it('a request-scoped processor leaves nothing of 100,000 jobs in memory', async () => {
  const child = new WorkerProcess(join(__dirname, 'request-scope-script.ts'));
  expect(await child.exitCode()).toBe(0);
  const { early, late, handled, collected } = JSON.parse(child.output) as Record<string, number>;
  expect(handled).toBe(100_000);
  expect(collected).toBeGreaterThan(99_000);
  expect(Number(late) - Number(early)).toBeLessThan(MOST_GROWTH);
}, 120_000);
