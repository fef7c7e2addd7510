import {
  type BuriedLimit,
  END_STATES,
  type EndedJob,
  type History,
  type HistoryPage,
} from '../../../core/contract/history';
import type { JobId } from '../../../core/contract/job-data';
import { type Engine, isId } from '../engine/engine';
import { endedJob, type KeptRow } from './kept-row';

/** Jobs that have ended, in the table `…_done`. */
export class SqlHistory implements History {
  /** Of the pipelines whose workers are this process's; for every connection that is made. */
  readonly buriedLimits = new Map<string, BuriedLimit>();

  constructor(
    /** Throws when the backend is closed. */
    private readonly engine: () => Engine,
  ) {}

  async find(id: JobId): Promise<EndedJob | undefined> {
    const [job] = await this.several([id]);
    return job;
  }

  async several(ids: readonly JobId[]): Promise<EndedJob[]> {
    const known = ids.filter(isId);
    if (known.length === 0) return [];
    return this.jobs(`where id in (${known.map(() => '?').join(', ')})`, known);
  }

  async list(pipeline: string, { state, after, limit }: HistoryPage): Promise<EndedJob[]> {
    const { table } = this.engine().dialect;
    const place = after && isId(after.id) ? ' and (ended_at < ? or ended_at = ? and id < ?)' : '';
    const parameters = place && after ? [after.endedAt.getTime(), after.endedAt.getTime(), after.id] : [];
    const order = (id: string) => `order by ended_at desc, ${id} desc limit ?`;
    // Each by the index, and no further than the page goes.
    const states = state === undefined ? END_STATES : [state];
    const found = states.map(
      (_, index) =>
        `select * from (select id as found_id from ${table.side('done')} where pipeline = ? and outcome = ?${place} ${order('id')}) found_${index}`,
    );
    return this.jobs(`join (${found.join(' union all ')}) found on found_id = id ${order('found_id')}`, [
      ...states.flatMap((each) => [pipeline, each, ...parameters, limit]),
      limit,
    ]);
  }

  async remove(id: JobId): Promise<boolean> {
    const { db, table } = this.engine().dialect;
    return isId(id) && (await db.change(`delete from ${table.side('done')} where id = ?`, [id])) > 0;
  }

  limitBuried(pipeline: string, limit: BuriedLimit): void {
    this.buriedLimits.set(pipeline, limit);
    this.engine().readiness.history.limited(limit);
  }

  private async jobs(where: string, parameters: readonly unknown[]): Promise<EndedJob[]> {
    const { db, table, keptColumns } = this.engine().dialect;
    const rows = await db.rows<KeptRow>(
      `select ${keptColumns} from ${table.side('done')} ${where}`,
      parameters,
    );
    return rows.map(endedJob);
  }
}
