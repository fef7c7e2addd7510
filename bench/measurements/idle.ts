import { setTimeout as sleep } from 'node:timers/promises';
import type { Usage } from '../agent';
import type { AgentProcess } from '../agent-process';
import { cpuSecondsOf, queriesOf } from '../server-figures';
import type { Case, Cases, Metric } from './measurement';

const CONCURRENCY = 10;
/** After its start, in seconds: connections, first looks. */
const TO_SETTLE = 3;

const metrics: readonly Metric[] = [
  { name: 'cpu', title: 'worker', unit: '% of a core', better: 'less' },
  { name: 'memory', title: 'memory', unit: 'MB', better: 'less' },
  { name: 'serverCpu', title: 'server', unit: '% of a core', better: 'less' },
  { name: 'queries', title: 'queries of a pipeline', unit: '/s', better: 'less' },
];

interface Figures {
  readonly worker: Usage;
  readonly serverCpu: number | undefined;
  readonly queries: number | undefined;
}

/** A worker of many pipelines that has nothing to do. */
export const idleCases: Cases = ({ idle: { pipelines, seconds } }) => [
  {
    measurement: 'idle',
    name: `${pipelines} pipelines`,
    metrics,
    async measure(arena) {
      const { url, serverPid } = arena.queue;
      return idle(await arena.agent(), { url, serverPid, pipelines, seconds });
    },
  } satisfies Case,
];

interface Surroundings {
  readonly url: string;
  readonly serverPid: number | undefined;
  readonly pipelines: number;
  readonly seconds: number;
}

async function idle(worker: AgentProcess, { url, serverPid, pipelines, seconds }: Surroundings) {
  const names = Array.from({ length: pipelines }, (_, number) => `jobs-${number}`);
  const figures = async (): Promise<Figures> => ({
    worker: await worker.ask('usage'),
    serverCpu: serverPid === undefined ? undefined : await cpuSecondsOf(serverPid),
    queries: await queriesOf(url),
  });
  await worker.ask('work', { pipelines: names, concurrency: CONCURRENCY, watchTimers: false });
  await sleep(Math.min(TO_SETTLE, seconds) * 1000);
  const before = await figures();
  await sleep(seconds * 1000);
  const after = await figures();

  const perSecond = (later: number, earlier: number) => (later - earlier) / seconds;
  return {
    cpu: perSecond(after.worker.cpuSeconds, before.worker.cpuSeconds) * 100,
    memory: after.worker.residentBytes / 1e6,
    ...(after.serverCpu !== undefined &&
      before.serverCpu !== undefined && { serverCpu: perSecond(after.serverCpu, before.serverCpu) * 100 }),
    ...(after.queries !== undefined &&
      before.queries !== undefined && { queries: perSecond(after.queries, before.queries) / pipelines }),
  };
}
