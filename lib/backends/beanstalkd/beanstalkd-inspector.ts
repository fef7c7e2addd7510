import type { Inspector } from '../../core/contract/backend';
import { BackendUnavailableError, shown } from '../../core/contract/errors';
import type {
  JobId,
  JobSnapshot,
  JobState,
  PipelineStats,
  RestingState,
  Seconds,
} from '../../core/contract/job-data';
import { isJobNumber } from '../../core/contract/job-id';
import { checkedPipelineName } from '../../core/contract/pipeline-name';
import { FOR_EVER, jobSnapshot, timeLeft } from './beanstalkd-job';
import type { BeanstalkdServer } from './beanstalkd-server';
import type { BeanstalkdConnection } from './connection/beanstalkd-connection';
import type { Reply } from './connection/reply';
import { namesIn, Stats } from './stats';

const PEEK = { ready: 'peek_ready', delayed: 'peek_delayed', buried: 'peek_buried' } as const;

/** The server numbers jobs in 64 bits, without a sign. */
const LARGEST_ID = 2n ** 64n - 1n;

/** How often to look again when others take the job away meanwhile. */
const MOST_PEEKS = 100;

/** How many pipelines to ask about at once. */
const PIPELINES_AT_ONCE = 1000;

export class BeanstalkdInspector implements Inspector {
  constructor(private readonly server: BeanstalkdServer) {}

  async find(id: JobId): Promise<JobSnapshot | undefined> {
    if (!isId(id)) return undefined;
    const connection = await this.server.connection();
    const [found, described] = await Promise.all([
      connection.ask('peek', id),
      connection.ask('stats_job', id),
    ]);
    if (!found.done || !described.done) return undefined;
    const stats = new Stats(described.body);
    return jobSnapshot(found, stateOf(stats), stats);
  }

  async peek(pipeline: string, state: RestingState): Promise<JobSnapshot | undefined> {
    const connection = await this.server.connection();
    for (let tries = 0; tries < MOST_PEEKS; tries++) {
      const found = await peekFirst(connection, pipeline, state);
      if (!found.done) return undefined;
      const described = await connection.ask('stats_job', found.value);
      // Otherwise the job was removed in between, and another one is the first.
      if (described.done) return jobSnapshot(found, state, new Stats(described.body));
    }
    throw new BackendUnavailableError(
      'beanstalkd',
      `${connection.server} shows ${MOST_PEEKS} jobs in a row that are gone when asked about. Ask again, or for one job by its id.`,
    );
  }

  async stats(pipeline: string): Promise<PipelineStats> {
    return statsOf(await this.server.connection(), pipeline);
  }

  async pipelines(): Promise<string[]> {
    const connection = await this.server.connection();
    const names = namesIn((await connection.ask('list_tubes')).body);
    const found: string[] = [];
    for (let start = 0; start < names.length; start += PIPELINES_AT_ONCE) {
      const some = names.slice(start, start + PIPELINES_AT_ONCE);
      const stats = await Promise.all(some.map((name) => statsOf(connection, name)));
      found.push(...some.filter((_, index) => stats[index] && holdsJobs(stats[index])));
    }
    return found.sort();
  }
}

export function peekFirst(
  connection: BeanstalkdConnection,
  pipeline: string,
  state: RestingState,
): Promise<Reply> {
  connection.use(pipeline);
  return connection.ask(PEEK[state]);
}

const STATES: readonly string[] = ['ready', 'delayed', 'reserved', 'buried'] satisfies JobState[];

function stateOf(stats: Stats): JobState {
  const state = stats.text('state');
  if (STATES.includes(state)) return state as JobState;
  throw new BackendUnavailableError(
    'beanstalkd',
    `its statistics say that a job is ${shown(state)}. Is that a beanstalkd, and nothing between?`,
  );
}

function holdsJobs({ ready, delayed, reserved, buried }: PipelineStats): boolean {
  return ready + delayed + reserved + buried > 0;
}

export async function statsOf(connection: BeanstalkdConnection, pipeline: string): Promise<PipelineStats> {
  const { done, body } = await connection.ask('stats_tube', checkedPipelineName(pipeline));
  if (!done) return { ready: 0, delayed: 0, reserved: 0, buried: 0, pausedFor: 0 };
  const stats = new Stats(body);
  return {
    ready: stats.number('current-jobs-ready'),
    delayed: stats.number('current-jobs-delayed'),
    reserved: stats.number('current-jobs-reserved'),
    buried: stats.number('current-jobs-buried'),
    pausedFor: pauseLeft(stats),
  };
}

function pauseLeft(stats: Stats): Seconds {
  const pause = stats.number('pause');
  return pause === FOR_EVER ? Infinity : timeLeft(stats.number('pause-time-left'), pause);
}

export function isId(id: unknown): boolean {
  return isJobNumber(id, LARGEST_ID);
}
