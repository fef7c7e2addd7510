import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentProcess } from '../agent-process';
import { now } from '../clock';
import { percentile, rateOf } from '../statistics';
import { type Case, type Cases, rate } from './measurement';
import { race, warmUp } from './throughput';

const PIPELINE = 'jobs';
const BULK = 1000;
/** In seconds. */
const TO_ACKNOWLEDGE = 5;
const TO_WARM_UP = 2;
const MILLISECONDS_BETWEEN_LOOKS = 100;

const metrics: Case['metrics'] = [
  rate,
  { name: 'late', title: '10 ms timer, latest', unit: 'ms', better: 'less' },
  { name: 'memory', title: 'memory of a worker', unit: 'MB', better: 'less' },
];

export const processCases: Cases = ({ process: { concurrencies, processes } }) =>
  processes.flatMap((count) => concurrencies.map((concurrency) => processCase(concurrency, count)));

function processCase(concurrency: number, processes: number): Case {
  return {
    measurement: 'process',
    name: `concurrency ${concurrency}, ${processes === 1 ? 'one process' : `${processes} processes`}`,
    metrics,
    fits: ({ notAt }) => !notAt?.includes(concurrency),
    async measure(arena) {
      const { preloaded, within } = arena.scale.process;
      const jobs = arena.jobs(preloaded);
      // A process of its own adds, so that the memory of a worker is that of working.
      const adder = await arena.agent();
      await adder.ask('addBulk', PIPELINE, BULK, { jobs, within: arena.scale.patience });
      const workers = await arena.manyAgents(processes);
      await warmUp(workers, concurrency, { jobs: arena.jobs(arena.scale.warmUp), within: TO_WARM_UP });
      await arena.keptUp();

      const accounts = await race(workers, { pipelines: [PIPELINE], concurrency, jobs, within });
      const moments = accounts.flatMap((account) => account.moments);
      // Some end with their last acknowledgements under way: no more than what their handlers held. One that handles
      // the jobs of every pipeline has also handled what the warm-up had left, which is not among these.
      await acknowledged(adder, Math.max(0, jobs - moments.length) + processes * concurrency);
      const usages = await Promise.all(workers.map((worker) => worker.ask('usage')));
      return {
        rate: rateOf(moments),
        late: percentile(
          accounts.flatMap(({ lateness }) => lateness),
          100,
        ),
        memory: Math.max(...usages.map(({ residentBytes }) => residentBytes)) / 1e6,
      };
    },
  };
}

async function acknowledged(agent: AgentProcess, left: number): Promise<void> {
  const deadline = now() + TO_ACKNOWLEDGE * 1000;
  for (;;) {
    const found = await agent.ask('left', PIPELINE);
    if (found <= left) return;
    if (now() > deadline) throw new Error(`${found} jobs are left where at most ${left} should be`);
    await sleep(MILLISECONDS_BETWEEN_LOOKS);
  }
}
