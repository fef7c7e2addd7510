import { soak } from './soak';

it('every promise is kept through some seconds of random faults', async () => {
  const report = await soak({ system: 'sqlite', seconds: 6, seed: 3, tell: () => undefined });
  expect(report.added).toBeGreaterThan(20);
  expect(report.faults).toBeGreaterThan(0);
  // With the file that has the history, should there be something to look for in it.
  const { violations, failures, history } = report;
  expect({ violations, failures, history }).toEqual({ violations: [], failures: [], history });
}, 180_000);
