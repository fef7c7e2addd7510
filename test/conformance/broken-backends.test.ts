import { featureNames } from '../../lib/core/contract/features';
import { conformanceCases } from '../../lib/testing/conformance/conformance-cases';
import { brokenBackends, connected } from './broken-backends';
import { brokenCancelling } from './broken-cancelling';
import { brokenCounting } from './broken-counting';
import { brokenEvents } from './broken-events';
import { brokenHistory } from './broken-history';
import { brokenJournals } from './broken-journals';
import { brokenRegistries } from './broken-registries';
import { brokenSchedules } from './broken-schedules';
import { brokenTransactions, opened } from './broken-transactions';
import { brokenUniqueKeys } from './broken-unique-keys';
import { brokenWaiting } from './broken-waiting';

const inMemory = [
  ...brokenBackends,
  ...brokenSchedules,
  ...brokenHistory,
  ...brokenEvents,
  ...brokenJournals,
  ...brokenCancelling,
  ...brokenWaiting,
  ...brokenUniqueKeys,
  ...brokenRegistries,
  ...brokenCounting,
];

const caseNamed = (caughtBy: string) => conformanceCases.find(({ name }) => name === caughtBy);

describe('the suite finds a backend that', () => {
  it.concurrent.each(inMemory)('$fault', async (broken) => {
    const finder = caseNamed(broken.caughtBy);
    expect(finder).toBeDefined();
    const backend = await connected(broken);
    const one = { backend, close: () => backend.close() };
    await expect(finder?.run(one, () => Promise.resolve(one))).rejects.toMatchObject({
      code: 'ERR_ASSERTION',
    });
  });

  it.concurrent.each(brokenTransactions)('$fault', async (broken) => {
    const finder = caseNamed(broken.caughtBy);
    expect(finder).toBeDefined();
    const one = await opened(broken);
    await expect(finder?.run(one, () => Promise.resolve(one))).rejects.toMatchObject({
      code: 'ERR_ASSERTION',
    });
    await one.close();
  });

  it('hands over no application although it has transactions', async () => {
    const { application, ...one } = await opened({ fault: '', caughtBy: '' });
    expect(application).toBeDefined();
    const [first] = conformanceCases.filter(({ port }) => port === 'transactions');
    await expect(first?.run(one, () => Promise.resolve(one))).rejects.toThrow('hand over an `application`');
    await one.close();
  });
});

it.each(featureNames)('each case of the port %s finds a broken backend', (port) => {
  const finders = new Set([...inMemory, ...brokenTransactions].map(({ caughtBy }) => caughtBy));
  const idle = conformanceCases.filter((each) => each.port === port && !finders.has(each.name));
  expect(idle.map(({ name }) => name)).toEqual([]);
});
