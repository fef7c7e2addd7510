import type { Inspector } from '../../core/contract/backend';
import { BackendUnavailableError } from '../../core/contract/errors';
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
import type { BeanstalkdConnection } from './beanstalkd-connection';
import { jobSnapshot, timeLeft, wholeSeconds } from './beanstalkd-job';
import type { BeanstalkdServer } from './beanstalkd-server';
import type { Reply } from './reply';
import { namesIn, Stats } from './stats';

const PEEK = { ready: 'peek_ready', delayed: 'peek_delayed', buried: 'peek_buried' } as const;

/** The server numbers jobs in 64 bits, without a sign. */
const LARGEST_ID = 2n ** 64n - 1n;

/** Jobs that others take away while they are looked at. */
const MOST_PEEKS = 100;

/** So many are asked about at once. */
const PIPELINES_AT_ONCE = 1000;

/** The server counts kicked jobs in 32 bits. */
const MOST_KICKED = 0xffff_ffff;

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
    return jobSnapshot(id, found.body, stats.text('state') as JobState, stats);
  }

  async peek(pipeline: string, state: RestingState): Promise<JobSnapshot | undefined> {
    const connection = await this.server.connection();
    for (let tries = 0; tries < MOST_PEEKS; tries++) {
      const found = await peekFirst(connection, pipeline, state);
      if (!found.done) return undefined;
      const described = await connection.ask('stats_job', found.value);
      // Otherwise somebody has removed it in between, and another one is the first.
      if (described.done) return jobSnapshot(found.value, found.body, state, new Stats(described.body));
    }
    throw new BackendUnavailableError(
      'beanstalkd',
      `${connection.server} shows ${MOST_PEEKS} jobs in a row that are gone when asked about.`,
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

  async kick(pipeline: string, limit: number): Promise<number> {
    const connection = await this.server.connection();
    connection.use(pipeline);
    return Number((await connection.ask('kick', Math.min(limit, MOST_KICKED))).value);
  }

  async kickJob(id: JobId): Promise<boolean> {
    return isId(id) && (await (await this.server.connection()).ask('kick_job', id)).done;
  }

  /** The shared connection holds no reservation, so the server finds every job but reserved ones. */
  async discard(id: JobId): Promise<boolean> {
    return isId(id) && (await (await this.server.connection()).ask('destroy', id)).done;
  }

  /** One round trip a job: beanstalkd shows only the first of a state. Jobs that come meanwhile are left alone. */
  async clear(pipeline: string, state: RestingState): Promise<number> {
    const connection = await this.server.connection();
    const { [state]: count } = await statsOf(connection, pipeline);
    let cleared = 0;
    let first = await peekFirst(connection, pipeline, state);
    for (let left = count; left > 0 && first.done; left--) {
      const [deleted, next] = await Promise.all([
        connection.ask('destroy', first.value),
        peekFirst(connection, pipeline, state),
      ]);
      if (deleted.done) cleared++;
      first = next;
    }
    return cleared;
  }

  async pause(pipeline: string, duration: Seconds): Promise<void> {
    const connection = await this.server.connection();
    // The server pauses only what exists.
    connection.use(pipeline);
    await connection.ask('pause_tube', pipeline, wholeSeconds(duration));
  }

  async resume(pipeline: string): Promise<void> {
    await (await this.server.connection()).ask('pause_tube', checkedPipelineName(pipeline), 0);
  }
}

function peekFirst(connection: BeanstalkdConnection, pipeline: string, state: RestingState): Promise<Reply> {
  connection.use(pipeline);
  return connection.ask(PEEK[state]);
}

function holdsJobs({ ready, delayed, reserved, buried }: PipelineStats): boolean {
  return ready + delayed + reserved + buried > 0;
}

async function statsOf(connection: BeanstalkdConnection, pipeline: string): Promise<PipelineStats> {
  const { done, body } = await connection.ask('stats_tube', checkedPipelineName(pipeline));
  if (!done) return { ready: 0, delayed: 0, reserved: 0, buried: 0, pausedFor: 0 };
  const stats = new Stats(body);
  return {
    ready: stats.number('current-jobs-ready'),
    delayed: stats.number('current-jobs-delayed'),
    reserved: stats.number('current-jobs-reserved'),
    buried: stats.number('current-jobs-buried'),
    pausedFor: timeLeft(stats.number('pause-time-left'), stats.number('pause')),
  };
}

function isId(id: unknown): boolean {
  return isJobNumber(id, LARGEST_ID);
}
