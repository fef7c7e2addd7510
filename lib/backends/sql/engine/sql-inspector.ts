import type { Inspector, Lister, Page } from '../../../core/contract/backend';
import type {
  JobId,
  JobSnapshot,
  JobState,
  PipelineStats,
  RestingState,
  Seconds,
} from '../../../core/contract/job-data';
import { isJobNumber } from '../../../core/contract/job-id';
import { jobSnapshot, type SnapshotRow } from '../layouts/job-table';
import type { SqlDialect } from './dialect';
import type { Lookout } from './lookout';
import { KICK } from './resting-jobs';

/** The order in which jobs leave a state: claimed, due, timed out, kicked. By the column: a selected id may be text. */
const ORDER: Record<JobState, string> = {
  ready: 'priority, j.id',
  delayed: 'due_at, j.id',
  reserved: 'due_at, j.id',
  buried: 'due_at, j.id',
};

/**
 * Looks at jobs and tends those that nobody holds. What time has done already is done in the table first, so
 * that every state that is read or changed here is the true one.
 */
export class SqlInspector implements Inspector, Lister {
  constructor(
    private readonly dialect: SqlDialect,
    private readonly lookout: Lookout,
  ) {}

  async find(id: JobId): Promise<JobSnapshot | undefined> {
    if (!isId(id)) return undefined;
    const [job] = await this.snapshots('where id = ?', [id]);
    return job;
  }

  async peek(pipeline: string, state: RestingState): Promise<JobSnapshot | undefined> {
    const [job] = await this.list(pipeline, state, { offset: 0, limit: 1 });
    return job;
  }

  list(pipeline: string, state: JobState, { offset, limit }: Page): Promise<JobSnapshot[]> {
    return this.snapshots(
      `where pipeline = ? and state = '${state}' order by ${ORDER[state]} limit ? offset ?`,
      [pipeline, limit, offset],
    );
  }

  async stats(pipeline: string): Promise<PipelineStats> {
    await this.catchUp();
    const { table, now, db } = this.dialect;
    const counts = await db.rows<{ state: JobState; jobs: number | string }>(
      `select state, count(*) as jobs from ${table.jobs} where pipeline = ? group by state`,
      [pipeline],
    );
    const [pause] = await db.rows<{ left_ms: number | string }>(
      `select paused_until - ${now} as left_ms from ${table.pauses} where pipeline = ?`,
      [pipeline],
    );
    const count = (state: JobState) => Number(counts.find((row) => row.state === state)?.jobs ?? 0);
    return {
      ready: count('ready'),
      delayed: count('delayed'),
      reserved: count('reserved'),
      buried: count('buried'),
      pausedFor: Math.max(0, Number(pause?.left_ms ?? 0) / 1000),
    };
  }

  async pipelines(): Promise<string[]> {
    const names = await this.dialect.db.rows<{ pipeline: string }>(
      `select distinct pipeline from ${this.dialect.table.jobs} order by pipeline`,
    );
    return names.map(({ pipeline }) => pipeline);
  }

  async kick(pipeline: string, limit: number): Promise<number> {
    await this.catchUp();
    const { dialect } = this;
    const kicked =
      (await dialect.kick(pipeline, 'buried', limit)) || (await dialect.kick(pipeline, 'delayed', limit));
    if (kicked > 0) this.lookout.announce([{ pipeline }]);
    return kicked;
  }

  async kickJob(id: JobId): Promise<boolean> {
    const job = await this.find(id);
    if (!job) return false;
    const kicked = await this.change(
      `update ${this.dialect.table.jobs} set ${KICK} where id = ? and state in ('buried', 'delayed')`,
      [id],
    );
    if (kicked) this.lookout.announce([job]);
    return kicked;
  }

  async discard(id: JobId): Promise<boolean> {
    if (!isId(id)) return false;
    await this.catchUp();
    return this.change(`delete from ${this.dialect.table.jobs} where id = ? and state <> 'reserved'`, [id]);
  }

  async clear(pipeline: string, state: RestingState): Promise<number> {
    await this.catchUp();
    return this.dialect.clear(pipeline, state);
  }

  async pause(pipeline: string, duration: Seconds): Promise<void> {
    await this.dialect.pause(pipeline, duration);
    this.lookout.expect(duration);
  }

  async resume(pipeline: string): Promise<void> {
    await this.dialect.db.change(`delete from ${this.dialect.table.pauses} where pipeline = ?`, [pipeline]);
    this.lookout.announce([{ pipeline }]);
  }

  private async snapshots(where: string, parameters: readonly unknown[]): Promise<JobSnapshot[]> {
    await this.catchUp();
    const { columns, now, table, db } = this.dialect;
    const rows = await db.rows<SnapshotRow>(
      `select ${columns}, state, due_at - ${now} as due_in, reason from ${table.jobs} j ${where}`,
      parameters,
    );
    return rows.map(jobSnapshot);
  }

  private async change(sql: string, parameters: readonly unknown[]): Promise<boolean> {
    return (await this.dialect.db.change(sql, parameters)) > 0;
  }

  private async catchUp(): Promise<void> {
    const { pipelines } = await this.dialect.promote([]);
    this.lookout.announce([...new Set(pipelines)].map((pipeline) => ({ pipeline })));
  }
}

function isId(id: unknown): boolean {
  return isJobNumber(id, 2n ** 63n - 1n);
}
