import { now } from '../clock';
import { sizeOf } from '../server-figures';
import { type Case, type Cases, rate } from './measurement';
import { handled } from './throughput';

const PIPELINE = 'jobs';
const BULK = 1000;
const CONCURRENCY = 100;

const metrics: Case['metrics'] = [
  rate,
  { name: 'kept', title: 'rate of the last part to that of the first', unit: '×', better: 'more' },
  { name: 'memory', title: 'memory of the worker at the end', unit: 'MB', better: 'less' },
  { name: 'grown', title: 'of that grown since the first part', unit: 'MB', better: 'less' },
  { name: 'table', title: 'table at the end', unit: 'MB', better: 'less' },
  { name: 'indexes', title: 'indexes at the end', unit: 'MB', better: 'less' },
];

/** Many jobs through one worker, part by part, while another process adds them. */
export const passageCases: Cases = ({ passage: { jobs, chunk }, patience }) => [
  {
    measurement: 'passage',
    name: `${jobs.toLocaleString('en')} jobs through one worker`,
    metrics,
    async measure(arena) {
      const [worker, adder] = await arena.manyAgents(2);
      if (!worker || !adder) throw new Error('There is no worker');
      await arena.keptUp();
      await worker.ask('work', { pipelines: [PIPELINE], concurrency: CONCURRENCY });
      const rates: number[] = [];
      const memories: number[] = [];
      for (let passed = chunk; passed <= jobs; passed += chunk) {
        const start = now();
        await adder.ask('addBulk', PIPELINE, BULK, { jobs: chunk, within: patience });
        const count = await handled([worker], { jobs: passed, within: patience });
        if (count < passed) throw new Error(`${count} of ${passed} jobs were handled in time`);
        rates.push((chunk / (now() - start)) * 1000);
        memories.push((await worker.ask('usage')).residentBytes / 1e6);
      }
      await worker.ask('stopWorking');
      return {
        rate: jobs / rates.reduce((seconds, perSecond) => seconds + chunk / perSecond, 0),
        kept: lastOf(rates) / firstOf(rates),
        memory: lastOf(memories),
        grown: lastOf(memories) - firstOf(memories),
        ...(await sizeOf(arena.queue.url)),
      };
    },
  } satisfies Case,
];

function firstOf(values: readonly number[]): number {
  return values[0] ?? NaN;
}

function lastOf(values: readonly number[]): number {
  return values.at(-1) ?? NaN;
}
