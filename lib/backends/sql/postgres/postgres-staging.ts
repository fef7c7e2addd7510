import { runOut } from '../claims/lone-run';
import type { Staged, StageRequest } from '../engine/dialect';
import { MOST } from '../engine/states';
import type { JobTable } from '../layouts/job-table';
import { exceptFor, mayBeMoved } from '../ready/due-jobs';
import type { ScheduleWords } from '../schedules/schedule-words';
import { POSTGRES_NOW } from './put/postgres-insert';

export interface StagedRow {
  readonly moved: number;
  /** Separated by spaces: a driver's parsers are the application's, and need not know arrays. */
  readonly pipelines: string | null;
  readonly ready: string | null;
  readonly locked: boolean;
  readonly next_ms: string | null;
  readonly now_ms: string;
  readonly slot_ms: string | null;
}

export const SCHEDULE_WORDS: ScheduleWords = {
  byNext: '',
  byName: '',
  locked: ' for update',
  lockedIfFree: ' for update skip locked',
  unlessThere: (key) => ` on conflict (${key}) do nothing`,
};

const TIMED = `state in ('delayed', 'reserved')`;

/** Its parameter is the list of pipelines. */
export function readyStatement({ jobs, pauses }: JobTable): string {
  return `select asked.pipeline from pg_catalog.unnest($1::text[]) as asked (pipeline)
where exists (select from ${jobs} j where j.pipeline = asked.pipeline and j.state = 'ready')
  and not exists (select from ${pauses} p where p.pipeline = asked.pipeline and p.paused_until > ${POSTGRES_NOW})`;
}

export function stageStatement(
  table: JobTable,
  { limit, passedOver, waiting, leasesUntil }: StageRequest,
): [sql: string, parameters: readonly unknown[]] {
  const { jobs, pauses } = table;
  const movable = mayBeMoved(POSTGRES_NOW, '$3::bigint');
  const due = `${TIMED} and due_at <= ${POSTGRES_NOW} and ${movable}${exceptFor(passedOver)}`;
  return [
    `with staged as (
  update ${jobs}
  set state = 'ready', due_at = null, token = null, timeouts = least(timeouts, ${MOST}) + (state = 'reserved')::int,
    flags = ${runOut}
  where id = any(array(select id from ${jobs} where ${due} order by due_at limit $2 for update skip locked))
  returning pipeline
)
select (select pg_catalog.count(*)::int from staged) as moved,
  (select pg_catalog.string_agg(distinct pipeline, ' ') from staged) as pipelines,
  (select pg_catalog.string_agg(pipeline, ' ') from (${readyStatement(table)}) waiting) as ready,
  exists (select from ${jobs} where ${due}) as locked,
  least(
    (select pg_catalog.min(due_at) from ${jobs} where ${TIMED} and due_at > ${POSTGRES_NOW}),
    (select pg_catalog.min(paused_until) from ${pauses} where paused_until > ${POSTGRES_NOW})
  ) - ${POSTGRES_NOW} as next_ms, ${POSTGRES_NOW} as now_ms,
  (select pg_catalog.min(next_at) from ${table.side('schedules')}) - ${POSTGRES_NOW} as slot_ms`,
    [waiting, limit, leasesUntil],
  ];
}

export function stagedOf([row]: readonly StagedRow[]): Staged {
  if (!row) return { moved: 0, pipelines: [], next: undefined, now: 0 };
  const next = row.next_ms === null ? undefined : Number(row.next_ms) / 1000;
  return {
    moved: row.moved,
    pipelines: [...new Set([row.pipelines, row.ready].flatMap((names) => names?.split(' ') ?? []))],
    next: row.moved === 0 && row.locked ? 0 : next,
    now: Number(row.now_ms),
    nextSlot: row.slot_ms === null ? undefined : Number(row.slot_ms) / 1000,
  };
}
