import type { Arena } from '../arena';
import { percentile } from '../statistics';
import type { Case, Cases, Metric } from './measurement';
import { handled, race } from './throughput';

const PIPELINE = 'jobs';
const WARM_UP = 'warm-up';
const CONCURRENCY = 10;
/** Of steady adding before it counts, in seconds. */
const TO_WARM_UP = 0.5;
/** How long jobs are added one by one before that, at most, in seconds: a contender that has not added all by then is warm enough. */
const LONGEST_WARM_UP = 3;

const fromCall: readonly Metric[] = [
  { name: 'p50', title: 'add → handler, p50', unit: 'ms', better: 'less' },
  { name: 'p95', title: 'add → handler, p95', unit: 'ms', better: 'less' },
  { name: 'p99', title: 'add → handler, p99', unit: 'ms', better: 'less' },
];
const fromAnswer: Metric = { name: 'stored', title: 'stored → handler, p50', unit: 'ms', better: 'less' };

/** An idle worker, and a job every 20 ms. */
export const latencyCases: Cases = () => [
  {
    measurement: 'latency',
    name: 'one process',
    metrics: [...fromCall, fromAnswer],
    measure: (arena) => latency(arena, 1),
  } satisfies Case,
  {
    measurement: 'latency',
    name: 'two processes',
    metrics: fromCall,
    measure: (arena) => latency(arena, 2),
  } satisfies Case,
];

async function latency(arena: Arena, processes: number): Promise<Record<string, number>> {
  const { warmUp, perSecond, seconds } = arena.scale.latency;
  const agents = await arena.manyAgents(processes);
  const [worker, adder = worker] = agents;
  if (!worker || !adder) throw new Error('There is no worker');
  // Until all are done: a queue that works on every pipeline would have what is left ahead of the jobs that count.
  const { jobs } = await adder.ask('addOneByOne', WARM_UP, { jobs: warmUp, within: LONGEST_WARM_UP });
  await race([worker], {
    pipelines: [WARM_UP],
    concurrency: CONCURRENCY,
    jobs,
    within: arena.scale.patience,
  });
  await arena.keptUp();
  await worker.ask('work', { pipelines: [PIPELINE], concurrency: CONCURRENCY });
  const warm = await adder.ask('addSteadily', PIPELINE, perSecond, TO_WARM_UP);
  const added = await adder.ask('addSteadily', PIPELINE, perSecond, seconds);
  await handled([worker], { jobs: warm + added, within: arena.scale.process.within });
  const { delays } = await worker.ask('stopWorking');
  const measured = delays.slice(warm);
  if (measured.length === 0) throw new Error('No job was handled in time');
  const fromStored = (await adder.ask('delaysFromStored')).slice(warm);
  return {
    p50: percentile(measured, 50),
    p95: percentile(measured, 95),
    p99: percentile(measured, 99),
    ...(fromStored.length > 0 && { stored: percentile(fromStored, 50) }),
  };
}
