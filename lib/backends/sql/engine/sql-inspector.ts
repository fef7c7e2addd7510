import type { Inspector } from '../../../core/contract/backend';
import type { Listing, Page } from '../../../core/contract/features';
import type {
  JobId,
  JobSnapshot,
  JobState,
  PipelineStats,
  RestingState,
} from '../../../core/contract/job-data';
import { jobSnapshot, type SnapshotRow } from '../layouts/job-table';
import { type Engine, isId } from './engine';
import { leftOf, type PauseRow } from './pauses';
import { namesFound } from './pipeline-names';
import { SqlCounting } from './sql-counting';
import { conditionsOf, due } from './states';

/** The order in which jobs leave a state: claimed, due, timed out, kicked. By the column: a selected id may be text. */
const ORDER: Record<JobState, string> = {
  ready: 'priority, j.id',
  delayed: 'due_at, j.id',
  reserved: 'due_at, j.id',
  buried: 'due_at, j.id',
};

/** Looks at jobs, and changes nothing. */
export class SqlInspector implements Inspector, Listing {
  readonly counting = new SqlCounting(() => this.engine());

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
    const { table, now } = this.engine().dialect;
    const order = ORDER[state];
    // Each by its index, and no further than the page goes.
    const found = conditionsOf(state, now).map(
      (condition, index) => `select * from (
  select j.id as found_id from ${table.jobs} j where pipeline = ? and ${condition} order by ${order} limit ?) found_${index}`,
    );
    return this.snapshots(
      `join (${found.join(' union all ')}) found on found_id = j.id order by ${order} limit ? offset ?`,
      [...found.flatMap(() => [pipeline, offset + limit]), limit, offset],
    );
  }

  async stats(pipeline: string): Promise<PipelineStats> {
    const { table, now, db } = this.engine().dialect;
    // In one statement, so that no job is counted twice.
    const counts = await db.patient.rows<{ state: string; jobs: number | string }>(
      `select state, count(*) as jobs from ${table.jobs} where pipeline = ? group by state
union all
select case state when 'delayed' then 'due delayed' else 'due reserved' end, count(*) from ${table.jobs} where pipeline = ? and ${due(now)} group by state`,
      [pipeline, pipeline],
    );
    const [pause] = await db.rows<PauseRow>(
      `select paused_until, paused_until - ${now} as left_ms from ${table.pauses} where pipeline = ?`,
      [pipeline],
    );
    const count = (state: string) => Number(counts.find((row) => row.state === state)?.jobs ?? 0);
    const dueOnes = { delayed: count('due delayed'), reserved: count('due reserved') };
    return {
      ready: count('ready') + dueOnes.delayed + dueOnes.reserved,
      delayed: count('delayed') - dueOnes.delayed,
      reserved: count('reserved') - dueOnes.reserved,
      buried: count('buried'),
      pausedFor: pause ? leftOf(pause) : 0,
    };
  }

  async pipelines(): Promise<string[]> {
    const { db, table, pipelineNames } = this.engine().dialect;
    return namesFound(await db.patient.rows(pipelineNames(table).present));
  }

  private async snapshots(where: string, parameters: readonly unknown[]): Promise<JobSnapshot[]> {
    const { dialect } = this.engine();
    const { columns, now, table, db, unique } = dialect;
    const rows = await db.rows<SnapshotRow>(
      `select ${columns}, state, due_at, due_at - ${now} as due_in, ${unique.keyOfJob} as has_key, reason, history from ${table.jobs} j ${where}`,
      parameters,
    );
    const jobs = rows.map(jobSnapshot);
    return dialect.markGarbled?.(jobs, table.jobs) ?? jobs;
  }
}
