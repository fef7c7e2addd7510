import type { AgentProcess } from '../agent-process';
import type { Arena } from '../arena';
import { keepRows } from '../kept-rows';
import { median, percentile, rateOf } from '../statistics';
import type { Case, Cases, Metric } from './measurement';
import { race, warmUp } from './throughput';
import { inTurns } from './turns';

const PIPELINE = 'jobs';
const BULK = 1000;
const CONCURRENCY = 100;

const metrics: readonly Metric[] = [
  { name: 'kept', title: 'jobs whose results are kept', unit: '/s', better: 'more' },
  { name: 'keptToPlain', title: 'that to jobs that are not kept', unit: '×', better: 'more' },
  {
    name: 'fullToEmpty',
    title: 'kept jobs beside many kept rows, to those beside few',
    unit: '×',
    better: 'more',
  },
  { name: 'poll', title: 'a page of `history` beside them, median', unit: 'ms', better: 'less' },
  { name: 'slowPoll', title: 'a page of `history` beside them, 95th of 100', unit: 'ms', better: 'less' },
];

/** Jobs that are kept and jobs that are not in turns, and then kept ones on a full and on an empty table in turns. */
export const keptCases: Cases = ({ kept }) => [
  {
    measurement: 'kept',
    name: 'kept',
    metrics,
    fits: ({ kind, backend }) => kind === 'ours' && backend !== 'beanstalkd',
    async measure(arena) {
      const other = await arena.another();
      const [full, empty] = [await ready(arena), await ready(other)];
      const [plain, keeping] = await inTurns(kept.turns, [
        () => rateWith(empty, kept.jobs, arena.scale.patience, false),
        () => rateWith(empty, kept.jobs, arena.scale.patience, true),
      ]);
      await keepRows(arena.queue.url, PIPELINE, kept.rows);
      await arena.keptUp();
      const [beside, alone] = await inTurns(kept.turns, [
        () => rateWith(full, kept.jobs, arena.scale.patience, true),
        () => rateWith(empty, kept.jobs, arena.scale.patience, true),
      ]);
      const polls = await full.ask('polls', PIPELINE, kept.polls);
      return {
        kept: median(keeping),
        keptToPlain: median(keeping) / median(plain),
        fullToEmpty: median(beside) / median(alone),
        poll: median(polls),
        slowPoll: percentile(polls, 95),
      };
    },
  } satisfies Case,
];

async function ready(arena: Arena): Promise<AgentProcess> {
  const agent = await arena.agent();
  await warmUp([agent], CONCURRENCY, { jobs: arena.scale.warmUp, within: arena.scale.patience });
  await arena.keptUp();
  return agent;
}

async function rateWith(worker: AgentProcess, jobs: number, within: number, keep: boolean): Promise<number> {
  await worker.ask('addBulk', PIPELINE, BULK, { jobs, within });
  const [account] = await race([worker], {
    pipelines: [PIPELINE],
    concurrency: CONCURRENCY,
    keep,
    watchTimers: false,
    jobs,
    within,
  });
  return rateOf(account?.moments ?? []);
}
