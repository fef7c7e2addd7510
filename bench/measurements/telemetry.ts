import type { AgentProcess } from '../agent-process';
import { median, rateOf } from '../statistics';
import type { Case, Cases, Metric } from './measurement';
import { race, warmUp } from './throughput';
import { inTurns } from './turns';

const PIPELINE = 'jobs';
const BULK = 1000;
const CONCURRENCY = 100;

const metrics: readonly Metric[] = [
  {
    name: 'unused',
    title: 'processor time of the worker’s process for a job, without telemetry',
    unit: 'µs',
    better: 'less',
  },
  { name: 'used', title: 'the same with openTelemetry() and no SDK registered', unit: 'µs', better: 'less' },
  {
    name: 'rate',
    title: 'processing with openTelemetry() and no SDK, to that without',
    unit: '×',
    better: 'more',
  },
];

interface Handled {
  readonly rate: number;
  /** Processor time of a job, in microseconds. */
  readonly cpu: number;
}

/** A worker without the option `telemetry` and with it in turns, in one process, where nothing of an SDK is registered. */
export const telemetryCases: Cases = ({ telemetry: { turns, jobs, within }, patience, warmUp: few }) => [
  {
    measurement: 'telemetry',
    name: 'telemetry',
    metrics,
    fits: ({ kind }) => kind === 'ours',
    async measure(arena) {
      const worker = await arena.agent();
      for (const telemetry of [false, true])
        await warmUp([worker], CONCURRENCY, { jobs: few, within: patience }, { telemetry });
      await arena.keptUp();
      const handled: Record<'used' | 'unused', Handled[]> = { used: [], unused: [] };
      const turn = (telemetry: boolean) => async () => {
        const found = await handledBy(worker, telemetry, { jobs, within, patience });
        handled[telemetry ? 'used' : 'unused'].push(found);
        return found.rate;
      };
      const [used, unused] = await inTurns(turns, [turn(true), turn(false)]);
      return {
        unused: median(handled.unused.map(({ cpu }) => cpu)),
        used: median(handled.used.map(({ cpu }) => cpu)),
        rate: median(used.map((rate, index) => rate / (unused[index] ?? NaN))),
      };
    },
  } satisfies Case,
];

async function handledBy(
  worker: AgentProcess,
  telemetry: boolean,
  { jobs, within, patience }: { readonly jobs: number; readonly within: number; readonly patience: number },
): Promise<Handled> {
  await worker.ask('addBulk', PIPELINE, BULK, { jobs, within: patience });
  const before = await worker.ask('usage');
  const [account] = await race([worker], {
    ...{ pipelines: [PIPELINE], concurrency: CONCURRENCY, watchTimers: false },
    ...{ telemetry, jobs, within },
  });
  const after = await worker.ask('usage');
  const moments = account?.moments ?? [];
  return {
    rate: rateOf(moments),
    cpu: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / Math.max(1, moments.length),
  };
}
