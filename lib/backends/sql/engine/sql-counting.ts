import type { JobState } from '../../../core/contract/job-data';
import type { Counting, PipelineCounts } from '../../../core/contract/ports/counting';
import { countedEach } from './counted-each';
import type { Engine } from './engine';
import { leftOf, type PauseRow } from './pauses';
import { namesFound } from './pipeline-names';

/** Jobs that wait for a time or run are in one index for all pipelines: so many of them at least, and the limit. */
const TIMED_ENTRIES = 10_000;

const RESTING = { ready: `state = 'ready'`, buried: `state = 'buried'` };

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

  async pipelines(): Promise<string[]> {
    const { db, table, pipelineNames } = this.engine().dialect;
    return namesFound(await db.patient.rows(pipelineNames(table).near));
  }

  async count(pipelines: readonly string[], limit: number): Promise<PipelineCounts[]> {
    if (pipelines.length === 0) return [];
    const { table, db, countWords: words } = this.engine().dialect;
    const most = Math.max(limit, TIMED_ENTRIES);
    const [resting, timed, pauses] = await Promise.all([
      countedEach({ db: db.patient, words }, { table: table.jobs, conditions: RESTING }, pipelines, limit),
      this.timed(most),
      this.pauses(),
    ]);
    const read = timed.reduce((sum, { jobs }) => sum + Number(jobs), 0);
    const timedOf = new Map<string, TimedRow[]>();
    for (const row of timed) timedOf.set(row.pipeline, [...(timedOf.get(row.pipeline) ?? []), row]);
    return pipelines.map((pipeline) => {
      const own = timedOf.get(pipeline) ?? [];
      const sum = (rows: readonly TimedRow[]) => rows.reduce((all, { jobs }) => all + Number(jobs), 0);
      const isDue = ({ due }: TimedRow) => Number(due) === 1;
      const waiting = (state: string) => sum(own.filter((row) => !isDue(row) && row.state === state));
      const row = resting.get(pipeline);
      const counted = {
        ready: (row?.ready ?? 0) + sum(own.filter(isDue)),
        delayed: waiting('delayed'),
        reserved: waiting('reserved'),
        buried: row?.buried ?? 0,
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

  private timed(most: number): Promise<TimedRow[]> {
    const { table, now, db, countWords } = this.engine().dialect;
    const next = countWords.timed.map(
      (condition, index) => `select * from (
  select pipeline, state, case when due_at <= ${now} then 1 else 0 end as due from ${table.jobs}
  where ${condition} order by due_at limit ?) timed_${index}`,
    );
    return db.patient.rows<TimedRow>(
      `select pipeline, state, due, count(*) as jobs from (${next.join(' union all ')}) timed group by pipeline, state, due`,
      next.map(() => most),
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
