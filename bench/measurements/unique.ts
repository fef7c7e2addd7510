import type { Progress } from '../agent';
import type { AgentProcess } from '../agent-process';
import type { AddOptions } from '../contender';
import type { Scale } from '../scale';
import type { Case, Cases, Metric } from './measurement';

const AT_ONCE = 100;
const BULK = 1000;

interface Way {
  readonly name: 'one' | 'together' | 'bulk';
  readonly title: string;
  readonly add: (adder: AgentProcess, amount: Scale['enqueue'], options: AddOptions) => Promise<Progress>;
}

export const ways: readonly Way[] = [
  {
    name: 'one',
    title: 'one awaited after the other',
    add: (adder, amount, options) => adder.ask('addOneByOne', 'one', amount, options),
  },
  {
    name: 'together',
    title: '100 calls at once',
    add: (adder, amount, options) => adder.ask('addTogether', 'together', AT_ONCE, amount, options),
  },
  {
    name: 'bulk',
    title: '1,000 in one call',
    add: (adder, amount, options) => adder.ask('addBulk', 'bulk', BULK, amount, options),
  },
];

const metrics: readonly Metric[] = ways.flatMap(({ name, title }) => [
  { name, title: `add with a fresh unique key, ${title}`, unit: '/s', better: 'more' },
  { name: `${name}ToPlain`, title: `that to plain adds, ${title}`, unit: '×', better: 'more' },
]);

/** Adds with unique keys and plain ones in turns, by the same process to the same table. */
export const uniqueCases: Cases = ({ unique, warmUp }) => [
  {
    measurement: 'unique',
    name: 'unique',
    metrics,
    fits: ({ kind, backend }) => kind === 'ours' && backend !== 'beanstalkd',
    async measure(arena) {
      const adder = await arena.agent();
      for (const { add } of ways)
        for (const each of [false, true])
          await add(adder, { jobs: warmUp, within: unique.within }, { unique: each });
      await arena.keptUp();
      const figures: Record<string, number> = {};
      for (const way of ways) {
        const { plain, keyed } = await inTurns(adder, way, unique);
        figures[way.name] = rateOf(keyed);
        figures[`${way.name}ToPlain`] = rateOf(keyed) / rateOf(plain);
      }
      return figures;
    },
  } satisfies Case,
];

async function inTurns(adder: AgentProcess, { add }: Way, { turns, ...amount }: Scale['unique']) {
  const plain: Progress[] = [];
  const keyed: Progress[] = [];
  for (let turn = 0; turn < turns; turn++) {
    plain.push(await add(adder, amount, { unique: false }));
    keyed.push(await add(adder, amount, { unique: true }));
  }
  return { plain, keyed };
}

function rateOf(turns: readonly Progress[]): number {
  const sum = (each: (turn: Progress) => number) => turns.reduce((total, turn) => total + each(turn), 0);
  return sum(({ jobs }) => jobs) / sum(({ seconds }) => seconds);
}
