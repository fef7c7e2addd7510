import type { Progress } from '../agent';
import type { Case, Cases, Metric } from './measurement';

const AT_ONCE = 100;
const BULK = 1000;

const metrics: readonly Metric[] = [
  { name: 'one', title: 'add, one awaited after the other', unit: '/s', better: 'more' },
  { name: 'together', title: 'add, 100 calls at once', unit: '/s', better: 'more' },
  { name: 'bulk', title: 'add, 1,000 in one call', unit: '/s', better: 'more' },
];

export const enqueueCases: Cases = ({ enqueue, warmUp }) => [
  {
    measurement: 'enqueue',
    name: 'enqueue',
    metrics,
    async measure(arena) {
      const adder = await arena.agent();
      const amount = { ...enqueue, jobs: arena.jobs(enqueue.jobs) };
      await adder.ask('addOneByOne', 'warm-up', { jobs: warmUp, within: 1 });
      await arena.keptUp();
      return {
        one: rateOf(await adder.ask('addOneByOne', 'one', amount)),
        together: rateOf(await adder.ask('addTogether', 'together', AT_ONCE, amount)),
        bulk: rateOf(await adder.ask('addBulk', 'bulk', BULK, amount)),
      };
    },
  } satisfies Case,
];

function rateOf({ jobs, seconds }: Progress): number {
  return jobs / seconds;
}
