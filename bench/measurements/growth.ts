import type { AgentProcess } from '../agent-process';
import type { Arena } from '../arena';
import type { Entry } from '../catalogue';
import { rateOf } from '../statistics';
import { type Case, type Cases, rate } from './measurement';
import { race, warmUp } from './throughput';

const PIPELINE = 'jobs';
const BULK = 1000;
const CONCURRENCY = 10;
/** To bury the jobs of one case. */
const CONCURRENCY_TO_FAIL = 100;
const JOBS_IN_EACH_PIPELINE = 10;

type Preparation = (adder: AgentProcess) => Promise<unknown>;

/** The rate of the first jobs of a queue in which much lies. */
export const growthCases: Cases = ({ growth: { backlogs, handled, beside, pipelines }, patience }) => [
  ...backlogs.map((backlog) => growthCase(`${shown(backlog)} ready`, backlog)),
  growthCase(`${shown(handled)} ready beside ${shown(beside)} delayed, more urgent`, handled, (adder) =>
    adder.ask('addBulk', PIPELINE, BULK, { jobs: beside, within: patience }, { delayed: true }),
  ),
  growthCase(`${shown(handled)} ready beside ${shown(beside)} buried`, handled, async (adder) => {
    await adder.ask('addBulk', PIPELINE, BULK, { jobs: beside, within: patience });
    await race([adder], {
      pipelines: [PIPELINE],
      concurrency: CONCURRENCY_TO_FAIL,
      failing: true,
      jobs: beside,
      within: patience,
    });
  }),
  growthCase(
    `${shown(handled)} ready beside ${shown(pipelines)} other pipelines`,
    handled,
    async (adder) => {
      for (let number = 0; number < pipelines; number++) {
        const amount = { jobs: JOBS_IN_EACH_PIPELINE, within: patience };
        await adder.ask('addBulk', `other-${number}`, BULK, amount);
      }
    },
    // It has connections of its own for each queue, and a server has not so many.
    ({ product }) => product !== 'bullmq',
  ),
];

function growthCase(
  name: string,
  backlog: number,
  prepare: Preparation = () => Promise.resolve(),
  fits: (entry: Entry) => boolean = () => true,
): Case {
  return {
    measurement: 'growth',
    name,
    metrics: [rate],
    fits,
    async measure(arena) {
      const adder = await arena.agent();
      await prepare(adder);
      await adder.ask('addBulk', PIPELINE, BULK, { jobs: backlog, within: arena.scale.patience });
      return { rate: await firstRate(arena, Math.min(backlog, arena.scale.growth.handled)) };
    },
  };
}

async function firstRate(arena: Arena, jobs: number): Promise<number> {
  const worker = await arena.agent();
  await warmUp([worker], CONCURRENCY, { jobs: arena.scale.warmUp, within: arena.scale.patience });
  await arena.keptUp();
  const { within } = arena.scale.process;
  const [account] = await race([worker], { pipelines: [PIPELINE], concurrency: CONCURRENCY, jobs, within });
  return rateOf(account?.moments.slice(0, jobs) ?? []);
}

function shown(count: number): string {
  return count.toLocaleString('en');
}
