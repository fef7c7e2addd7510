import type { Counting, PipelineCounts } from '../../../core/contract/counting';
import type { JobState } from '../../../core/contract/job-data';
import type { Engine } from './engine';
import { leftOf, type PauseRow } from './pauses';

/** SQLite takes 500 parts of a union. */
const PIPELINES_A_STATEMENT = 200;
/** Jobs that wait for a time or run are in one index for all pipelines: so many of them at least, and the limit. */
const TIMED_ENTRIES = 10_000;

interface RestingRow {
  readonly pipeline: string;
  readonly ready: number | string;
  readonly buried: number | string;
}

interface TimedRow {
  readonly pipeline: string;
  readonly state: string;
  readonly due: number | string;
  readonly jobs: number | string;
}

/**
 * Counts by index, and no further than the limit. Ready and buried jobs have an index that begins with the pipeline: a
 * step into it for each. Delayed and reserved ones have one by time, which is read once, and not to its end either.
 */
export class SqlCounting implements Counting {
  constructor(
    /** Throws when the backend is closed. */
    private readonly engine: () => Engine,
  ) {}

  async count(pipelines: readonly string[], limit: number): Promise<PipelineCounts[]> {
    if (pipelines.length === 0) return [];
    const most = Math.max(limit, TIMED_ENTRIES);
    const [resting, timed, pauses] = await Promise.all([
      this.resting(pipelines, limit),
      this.timed(most),
      this.pauses(),
    ]);
    const read = timed.reduce((sum, { jobs }) => sum + Number(jobs), 0);
    return pipelines.map((pipeline) => {
      const own = timed.filter((row) => row.pipeline === pipeline);
      const sum = (rows: readonly TimedRow[]) => rows.reduce((all, { jobs }) => all + Number(jobs), 0);
      const isDue = ({ due }: TimedRow) => Number(due) === 1;
      const waiting = (state: string) => sum(own.filter((row) => !isDue(row) && row.state === state));
      const row = resting.get(pipeline);
      const counted = {
        ready: Number(row?.ready ?? 0) + sum(own.filter(isDue)),
        delayed: waiting('delayed'),
        reserved: waiting('reserved'),
        buried: Number(row?.buried ?? 0),
      };
      const states = Object.keys(counted) as JobState[];
      const cut = (state: JobState) => counted[state] >= limit || (read >= most && state !== 'buried');
      const jobs = Object.fromEntries(states.map((state) => [state, Math.min(counted[state], limit)]));
      return {
        ...(jobs as Record<JobState, number>),
        pipeline,
        pausedFor: pauses.get(pipeline) ?? 0,
        more: states.filter(cut),
      };
    });
  }

  private async resting(
    pipelines: readonly string[],
    limit: number,
  ): Promise<ReadonlyMap<string, RestingRow>> {
    const { table, db } = this.engine().dialect;
    const upTo = (state: string) =>
      `(select count(*) from (select 1 from ${table.jobs} where pipeline = ? and state = '${state}' limit ?) ${state}_jobs)`;
    const part = `select ? as pipeline, ${upTo('ready')} as ready, ${upTo('buried')} as buried`;
    const found = new Map<string, RestingRow>();
    for (let from = 0; from < pipelines.length; from += PIPELINES_A_STATEMENT) {
      const some = pipelines.slice(from, from + PIPELINES_A_STATEMENT);
      const rows = await db.patient.rows<RestingRow>(
        some.map(() => part).join(' union all '),
        some.flatMap((name) => [name, name, limit, name, limit]),
      );
      for (const row of rows) found.set(row.pipeline, row);
    }
    return found;
  }

  private timed(most: number): Promise<TimedRow[]> {
    const { table, now, db } = this.engine().dialect;
    return db.patient.rows<TimedRow>(
      `select pipeline, state, due, count(*) as jobs from (
  select pipeline, state, case when due_at <= ${now} then 1 else 0 end as due from ${table.jobs}
  where state in ('delayed', 'reserved') order by due_at limit ?) timed group by pipeline, state, due`,
      [most],
    );
  }

  private async pauses(): Promise<ReadonlyMap<string, number>> {
    const { table, now, db } = this.engine().dialect;
    const rows = await db.patient.rows<PauseRow & { pipeline: string }>(
      `select pipeline, paused_until, paused_until - ${now} as left_ms from ${table.pauses}`,
      [],
    );
    return new Map(rows.map((row) => [row.pipeline, leftOf(row)]));
  }
}
