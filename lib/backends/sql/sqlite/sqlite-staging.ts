import type { Seconds } from '../../../core/contract/job-data';
import { runOut } from '../claims/lone-run';
import type { SqlDialect, Staged, StageRequest } from '../engine/dialect';
import { MOST } from '../engine/states';
import { exceptFor, mayBeMoved } from '../ready/due-jobs';
import type { ScheduleWords } from '../schedules/schedule-words';

type Subject = Pick<SqlDialect, 'db' | 'table' | 'now'>;

export const SCHEDULE_WORDS: ScheduleWords = {
  byNext: '',
  byName: '',
  locked: '',
  lockedIfFree: '',
  unlessThere: (key) => ` on conflict (${key}) do nothing`,
};

const TIMED = `state in ('delayed', 'reserved')`;

export async function stage(
  { db, table, now }: Subject,
  { limit, passedOver, waiting, leasesUntil }: StageRequest,
): Promise<Staged> {
  const timed = `${TIMED} and ${mayBeMoved(now)}${exceptFor(passedOver)}`;
  // A look first: an update takes the write lock even when it finds nothing.
  const [look] = await db.rows<{
    due_in: number | null;
    resumed_in: number | null;
    slot_in: number | null;
    now: number;
  }>(
    `select (select min(due_at) from ${table.jobs} where ${timed}) - ${now} as due_in,
  (select min(paused_until) from ${table.pauses} where paused_until > ${now}) - ${now} as resumed_in,
  (select min(next_at) from ${table.side('schedules')}) - ${now} as slot_in, ${now} as now`,
    [leasesUntil],
  );
  const moment = look?.now ?? 0;
  const nextSlot = earliest(look?.slot_in);
  if (!look || look.due_in === null || look.due_in > 0) {
    const pipelines = await readyOf({ db, table, now }, waiting);
    const next = earliest(look?.due_in, look?.resumed_in);
    return { moved: 0, pipelines, next, nextSlot, now: moment };
  }
  const staged = await db.rows<{ pipeline: string }>(
    `update ${table.jobs}
set timeouts = min(timeouts, ${MOST}) + (state = 'reserved'), flags = ${runOut}, state = 'ready', due_at = null, token = null
where id in (select id from ${table.jobs} where ${timed} and due_at <= ${now} order by due_at limit ${limit})
returning pipeline`,
    [leasesUntil],
  );
  // It may have waited long for the lock.
  const [after] = await db.rows<{ now: number }>(`select ${now} as now`);
  const pipelines = staged.map(({ pipeline }) => pipeline);
  return { moved: staged.length, pipelines, next: 0, nextSlot, now: after?.now ?? moment };
}

export async function readyOf({ db, table, now }: Subject, pipelines: readonly string[]): Promise<string[]> {
  if (pipelines.length === 0) return [];
  const ready = await db.rows<{ pipeline: string }>(
    `select value as pipeline from json_each(?)
where exists (select 1 from ${table.jobs} j where j.pipeline = value and j.state = 'ready')
  and not exists (select 1 from ${table.pauses} p where p.pipeline = value and p.paused_until > ${now})`,
    [JSON.stringify(pipelines)],
  );
  return ready.map(({ pipeline }) => pipeline);
}

function earliest(...milliseconds: (number | null | undefined)[]): Seconds | undefined {
  const known = milliseconds.filter((time) => typeof time === 'number');
  return known.length === 0 ? undefined : Math.min(...known) / 1000;
}
