import { setTimeout as sleep } from 'node:timers/promises';
import type { Amount } from '../agent';
import type { AgentProcess } from '../agent-process';
import type { Arena } from '../arena';
import { cpuSecondsOf } from '../server-figures';
import { median, percentile, rateOf } from '../statistics';
import { waitRows } from '../waiting-rows';
import type { Case, Cases, Metric } from './measurement';
import { race, warmUp } from './throughput';
import { inTurns } from './turns';

const PIPELINE = 'jobs';
const BULK = 1000;
const CONCURRENCY = 100;
const EVERY_MS = 1000;
/** A page of one of the pipelines, with the counts of all: what a browser asks for again and again. */
const PAGE = '/api/queues?activeQueue=other-1&page=1&jobsPerPage=10';

const metrics: readonly Metric[] = [
  { name: 'server', title: 'processor time of the server for a poll', unit: 'ms', better: 'less' },
  { name: 'process', title: 'processor time of the board’s process for a poll', unit: 'ms', better: 'less' },
  { name: 'poll', title: 'a poll, median', unit: 'ms', better: 'less' },
  { name: 'slowPoll', title: 'a poll, 95th of 100', unit: 'ms', better: 'less' },
  { name: 'beside', title: 'processing beside a board, to that without', unit: '×', better: 'more' },
];

/** A board that looks each second at many jobs of many pipelines, and a worker beside it with a board and without in turns. */
export const boardCases: Cases = ({ board: { pipelines, rows, seconds, turns, ...turn } }) => [
  {
    measurement: 'board',
    name: 'board',
    metrics,
    fits: ({ kind, backend }) => kind === 'ours' && backend !== 'beanstalkd',
    async measure(arena) {
      const { patience, warmUp: few } = arena.scale;
      const [worker, reader] = [await arena.agent(), await arena.agent()];
      await warmUp([worker], CONCURRENCY, { jobs: few, within: patience });
      await waitRows(arena.queue.url, pipelines, rows);
      await arena.keptUp();
      const url = `${await reader.ask('openBoard')}${PAGE}`;
      const polls = await polled(arena, reader, url, seconds);
      const rate = () => handledRate(worker, turn, patience);
      const [beside, alone] = await inTurns(turns, [
        async () => {
          await reader.ask('pollBoard', url, EVERY_MS);
          const found = await rate();
          await reader.ask('stopPolling');
          return found;
        },
        rate,
      ]);
      const ratios = beside.map((found, turn) => found / (alone[turn] ?? NaN));
      return { ...polls, beside: median(ratios) };
    },
  } satisfies Case,
];

async function polled(
  arena: Arena,
  reader: AgentProcess,
  url: string,
  seconds: number,
): Promise<Readonly<Record<string, number>>> {
  // The first poll opens connections.
  await reader.ask('pollBoard', url, EVERY_MS);
  await reader.ask('stopPolling');
  const { serverPid } = arena.queue;
  const serverTime = async () => (serverPid === undefined ? undefined : cpuSecondsOf(serverPid));
  const before = [await serverTime(), (await reader.ask('usage')).cpuSeconds] as const;
  await reader.ask('pollBoard', url, EVERY_MS);
  await sleep(seconds * 1000);
  const times = await reader.ask('stopPolling');
  const after = [await serverTime(), (await reader.ask('usage')).cpuSeconds] as const;
  const aPoll = (seconds: number) => (seconds * 1000) / times.length;
  return {
    ...(before[0] !== undefined && after[0] !== undefined && { server: aPoll(after[0] - before[0]) }),
    process: aPoll(after[1] - before[1]),
    poll: median(times),
    slowPoll: percentile(times, 95),
  };
}

async function handledRate(
  worker: AgentProcess,
  { jobs, within }: Amount,
  patience: number,
): Promise<number> {
  await worker.ask('addBulk', PIPELINE, BULK, { jobs, within: patience });
  const [account] = await race([worker], {
    pipelines: [PIPELINE],
    concurrency: CONCURRENCY,
    watchTimers: false,
    jobs,
    within,
  });
  return rateOf(account?.moments ?? []);
}
