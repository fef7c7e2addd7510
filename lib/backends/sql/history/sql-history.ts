import { mustBe } from '../../../core/contract/errors';
import type { JobId } from '../../../core/contract/job-data';
import {
  type BuriedLimit,
  END_STATES,
  type EndedCounts,
  type EndedJob,
  type History,
  HISTORY_PLACE,
  type HistoryPage,
  type KeepRule,
} from '../../../core/contract/ports/history';
import { storedKeep } from '../../../core/policy/keep';
import { countedEach } from '../engine/counted-each';
import { type Engine, isId } from '../engine/engine';
import { namesFound } from '../engine/pipeline-names';
import type { HistoryLimits } from './history-limits';
import { endedJob, type KeptRow } from './kept-row';

/** The most rows that one statement deletes. */
const PIECE = 1000;
const ENDS = { completed: `outcome = 'completed'`, cancelled: `outcome = 'cancelled'` };

/** Jobs that have ended, in the table `…_done`. */
export class SqlHistory implements History {
  /** For every connection that is made. */
  readonly limits: HistoryLimits = { buried: new Map(), kept: new Map() };

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

  async list(pipeline: string, { state, after, offset = 0, limit }: HistoryPage): Promise<EndedJob[]> {
    const { table } = this.engine().dialect;
    if (after && !isId(after.id)) throw mustBe('after', HISTORY_PLACE, after);
    const place = after ? ' and (ended_at < ? or ended_at = ? and id < ?)' : '';
    const parameters = after ? [after.endedAt.getTime(), after.endedAt.getTime(), after.id] : [];
    const order = (id: string) => `order by ended_at desc, ${id} desc limit ?`;
    // Each by the index, and no further than the page goes.
    const states = state === undefined ? END_STATES : [state];
    const found = states.map(
      (_, index) =>
        `select * from (select id as found_id from ${table.side('done')} where pipeline = ? and outcome = ?${place} ${order('id')}) found_${index}`,
    );
    return this.jobs(
      `join (${found.join(' union all ')}) found on found_id = id ${order('found_id')} offset ?`,
      [...states.flatMap((each) => [pipeline, each, ...parameters, offset + limit]), limit, offset],
    );
  }

  async pipelines(): Promise<string[]> {
    const { db, table, pipelineNames } = this.engine().dialect;
    return namesFound(await db.patient.rows(pipelineNames(table).ended));
  }

  async count(pipelines: readonly string[], limit: number): Promise<EndedCounts[]> {
    const { db, table, countWords: words } = this.engine().dialect;
    const rows = { table: table.side('done'), conditions: ENDS };
    const counted = await countedEach({ db: db.patient, words }, rows, pipelines, limit);
    return pipelines.map((pipeline) => {
      const counts = counted.get(pipeline) ?? { completed: 0, cancelled: 0 };
      return { ...counts, pipeline, more: END_STATES.filter((end) => counts[end] >= limit) };
    });
  }

  async remove(id: JobId): Promise<boolean> {
    const { db, table } = this.engine().dialect;
    return isId(id) && (await db.change(`delete from ${table.side('done')} where id = ?`, [id])) > 0;
  }

  async clear(pipeline: string): Promise<number> {
    const { db, table, now, idText, deleteFrom } = this.engine().dialect;
    const done = table.side('done');
    // What ends meanwhile stays: beside busy workers it would not end.
    const [begun] = await db.rows<{ now: string | number }>(`select ${now} as now`);
    let cleared = 0;
    for (;;) {
      const rows = await db.patient.rows<{ found: JobId }>(
        `select ${idText} as found from ${done} where pipeline = ? and ended_at <= ? limit ${PIECE}`,
        [pipeline, begun?.now ?? 0],
      );
      if (rows.length === 0) return cleared;
      const places = rows.map(() => '?').join(', ');
      cleared += await db.patient.change(
        `${deleteFrom(done)} where id in (${places})`,
        rows.map(({ found }) => found),
      );
    }
  }

  limitBuried(pipeline: string, limit: BuriedLimit): void {
    this.limits.buried.set(pipeline, limit);
    this.engine().readiness.history.limited(limit);
  }

  /** It stands beside the pipeline, where the statement that calls a job off finds it. */
  async keepCancelled(pipeline: string, rule: KeepRule | undefined): Promise<void> {
    const { dialect, readiness } = this.engine();
    const { db, table, scheduleWords: words } = dialect;
    const pipelines = table.side('pipelines');
    if (rule) this.limits.kept.set(pipeline, rule);
    else this.limits.kept.delete(pipeline);
    if (rule) readiness.history.kept(pipeline, rule);
    const keep = rule ? JSON.stringify(storedKeep(rule)) : null;
    const [row] = await db.rows<{ keep: string | null }>(`select keep from ${pipelines} where pipeline = ?`, [
      pipeline,
    ]);
    // As a rule nothing has changed since the last start.
    if (keep === (row?.keep ?? null)) return;
    if (!row)
      await db.change(`insert into ${pipelines} (pipeline) values (?)${words.unlessThere('pipeline')}`, [
        pipeline,
      ]);
    await db.change(`update ${pipelines} set keep = ? where pipeline = ?`, [keep, pipeline]);
  }

  private async jobs(where: string, parameters: readonly unknown[]): Promise<EndedJob[]> {
    const { dialect } = this.engine();
    const { db, table, keptColumns } = dialect;
    const rows = await db.rows<KeptRow>(
      `select ${keptColumns} from ${table.side('done')} ${where}`,
      parameters,
    );
    const jobs = rows.map(endedJob);
    return dialect.markGarbled?.(jobs, table.side('done')) ?? jobs;
  }
}
