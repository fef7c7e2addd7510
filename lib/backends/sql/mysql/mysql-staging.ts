import type { JobId } from '../../../core/contract/job-data';
import { runOut } from '../claims/lone-run';
import type { SqlDialect, Staged, StageRequest } from '../engine/dialect';
import { MOST } from '../engine/states';
import { MAX_MOMENT } from '../layouts/job-table';
import { exceptFor } from '../ready/due-jobs';
import { anyOf } from './claim/mysql-any-of';
import { idsOf } from './claim/mysql-found-jobs';
import type { ScriptStatement } from './connection/script-executor';
import { writingNothing } from './mysql-writing';

type TimedState = 'delayed' | 'reserved';
type Subject = Pick<SqlDialect, 'table' | 'now'>;
type Asker = Pick<SqlDialect, 'table' | 'now' | 'db'>;

/** Later than any moment that counts, in milliseconds since 1970. */
const NEVER = '9000000000000000';

export async function stage(
  subject: Asker,
  { limit, passedOver, waiting, leasesUntil }: StageRequest,
): Promise<Staged> {
  const { db, table, now } = subject;
  const { jobs, pauses } = table;
  const first = (state: TimedState) =>
    `coalesce((select min(due_at) from ${jobs} where state = '${state}'${exceptFor(passedOver)}), ${NEVER})`;
  // A look first: an update takes locks even when it finds nothing. One state at a time, so that the index serves.
  const [look] = await db.rows<{
    due_in: string | null;
    resumed_in: string | null;
    slot_in: string | null;
    now: string;
  }>(
    `select least(${first('delayed')}, if(${now} < ?, ${first('reserved')}, ${NEVER})) - ${now} as due_in,
  coalesce((select min(paused_until) from ${pauses} where paused_until > ${now}), ${NEVER}) - ${now} as resumed_in,
  (select min(next_at) from ${table.side('schedules')}) - ${now} as slot_in, ${now} as now`,
    [leasesUntil],
  );
  const dueIn = Number(look?.due_in);
  const moment = Number(look?.now);
  const slotIn = look?.slot_in ?? undefined;
  const nextSlot = slotIn === undefined ? undefined : Number(slotIn) / 1000;
  if (dueIn > 0) {
    await db.change(writingNothing(table));
    const pipelines = await readyOf(subject, waiting);
    const next = Math.min(dueIn, Number(look?.resumed_in)) / 1000;
    return { moved: 0, pipelines, next, nextSlot, now: moment };
  }
  const pipelines = new Set<string>();
  let moved = 0;
  for (const state of ['delayed', 'reserved'] as const) {
    const due = await db.rows<{ id: number | string; pipeline: string }>(
      dueJobs(subject, state, limit - moved, passedOver).sql,
    );
    if (due.length === 0) continue;
    const { sql, parameters } = promotion(subject, state, idsOf(due), leasesUntil);
    const changed = await db.transaction((session) => session.change(sql, parameters));
    if (changed > 0) for (const { pipeline } of due) pipelines.add(pipeline);
    moved += changed;
    if (moved === limit) break;
  }
  // The server may have stood still meanwhile.
  const [after] = await db.rows<{ now: string }>(`select ${now} as now`);
  return { moved, pipelines: [...pipelines], next: 0, nextSlot, now: Number(after?.now) };
}

export async function readyOf({ db, table, now }: Asker, pipelines: readonly string[]): Promise<string[]> {
  if (pipelines.length === 0) return [];
  const one = `(select pipeline from ${table.jobs} where pipeline = ? and state = 'ready'
  and not exists (select 1 from ${table.pauses} where pipeline = ? and paused_until > ${now}) limit 1)`;
  const ready = await db.rows<{ pipeline: string }>(
    pipelines.map(() => one).join(' union all '),
    pipelines.flatMap((pipeline) => [pipeline, pipeline]),
  );
  return ready.map(({ pipeline }) => pipeline);
}

/**
 * Looks without locks for one state's due jobs, the longest due ones first. A locking look would walk on behind the last
 * one, over the entries of all reservations that were settled since the oldest transaction of the server began.
 */
export function dueJobs(
  { table, now }: Subject,
  state: TimedState,
  limit: number,
  passedOver: readonly JobId[] = [],
): ScriptStatement {
  return {
    sql: `select id, pipeline from ${table.jobs} force index (${table.index('due')})
where ${due(state, now)}${exceptFor(passedOver)} order by due_at limit ${limit}`,
  };
}

/** Makes those ready that are still due. */
export function promotion(
  { table: { jobs }, now }: Subject,
  state: TimedState,
  ids: readonly JobId[],
  leasesUntil = MAX_MOMENT,
): ScriptStatement {
  const listed = anyOf('id', ids);
  const inTime = state === 'reserved' ? ` and ${now} < ${leasesUntil}` : '';
  return {
    // What a transaction of the application's holds is passed over: it must not hold up everyone's time. The index and
    // the order of the join are named for the same reason as in a claim. The limit limits nothing: without one, MySQL
    // makes a plain join of it, and then waits for what is locked.
    sql: `update (
  select id from ${jobs} force index (primary) where ${listed.sql} and ${due(state, now)}${inTime}
  limit ${ids.length} for update skip locked
) d straight_join ${jobs} j force index (primary) on j.id = d.id
set j.timeouts = least(j.timeouts, ${MOST}) + ${state === 'reserved' ? 1 : 0}, j.state = 'ready', j.due_at = null, j.token = null,
  j.flags = ${runOut}`,
    parameters: listed.parameters,
  };
}

function due(state: TimedState, now: string): string {
  return `state = '${state}' and due_at <= ${now}`;
}
