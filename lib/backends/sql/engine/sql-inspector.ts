import type { Inspector } from '../../../core/contract/backend';
import type { Listing, Page } from '../../../core/contract/features';
import type {
  JobId,
  JobSnapshot,
  JobState,
  PipelineStats,
  RestingState,
} from '../../../core/contract/job-data';
import { isPipelineName } from '../../../core/contract/pipeline-name';
import { jobSnapshot, type SnapshotRow } from '../layouts/job-table';
import { catchUp, type Engine, isId } from './engine';

/** The order in which jobs leave a state: claimed, due, timed out, kicked. By the column: a selected id may be text. */
const ORDER: Record<JobState, string> = {
  ready: 'priority, j.id',
  delayed: 'due_at, j.id',
  reserved: 'due_at, j.id',
  buried: 'due_at, j.id',
};

/** Looks at jobs. What time has done is done in the table first, so that every state that is read is the true one. */
export class SqlInspector implements Inspector, Listing {
  constructor(
    /** Throws when the backend is closed. */
    private readonly engine: () => Engine,
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

  async list(pipeline: string, state: JobState, { offset, limit }: Page): Promise<JobSnapshot[]> {
    return this.snapshots(
      `where pipeline = ? and state = '${state}' order by ${ORDER[state]} limit ? offset ?`,
      [pipeline, limit, offset],
    );
  }

  async stats(pipeline: string): Promise<PipelineStats> {
    const { table, now, db } = await catchUp(this.engine());
    const counts = await db.patient.rows<{ state: JobState; jobs: number | string }>(
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
    const { table, db } = this.engine().dialect;
    const names = await db.patient.rows<{ pipeline: string }>(
      `select distinct pipeline from ${table.jobs} order by pipeline`,
    );
    // Any program can add a row. One whose pipeline nobody can name is nobody's.
    return names.map(({ pipeline }) => pipeline).filter(isPipelineName);
  }

  private async snapshots(where: string, parameters: readonly unknown[]): Promise<JobSnapshot[]> {
    const { columns, now, table, db } = await catchUp(this.engine());
    const rows = await db.rows<SnapshotRow>(
      `select ${columns}, state, due_at - ${now} as due_in, reason from ${table.jobs} j ${where}`,
      parameters,
    );
    return rows.map(jobSnapshot);
  }
}
