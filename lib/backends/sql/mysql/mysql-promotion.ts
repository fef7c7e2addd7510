import type { JobId } from '../../../core/contract/job-data';
import type { SqlDialect } from '../engine/dialect';
import { MOST } from '../engine/resting-jobs';
import { anyOf } from './mysql-any-of';
import type { ScriptStatement } from './script-executor';

export type TimedState = 'delayed' | 'reserved';
type Subject = Pick<SqlDialect, 'table' | 'now'>;

/**
 * Looks without locks for one state's due jobs, the longest due ones first. A locking look would walk on behind the last
 * one, over the entries of all reservations that were settled since the oldest transaction of the server began.
 */
export function dueJobs({ table, now }: Subject, state: TimedState, limit: number): ScriptStatement {
  return {
    sql: `select id, pipeline from ${table.jobs} force index (${table.index('due')})
where ${due(state, now)} order by due_at limit ${limit}`,
  };
}

/** Makes those ready that are still due. */
export function promotion(
  { table: { jobs }, now }: Subject,
  state: TimedState,
  ids: readonly JobId[],
): ScriptStatement {
  const listed = anyOf('id', ids);
  return {
    // What a transaction of the application's holds is passed over: it must not hold up everyone's time. The index and
    // the order of the join are named for the same reason as in a claim. The limit limits nothing: without one, MySQL
    // makes a plain join of it, and then waits for what is locked.
    sql: `update (
  select id from ${jobs} force index (primary) where ${listed.sql} and ${due(state, now)}
  limit ${ids.length} for update skip locked
) d straight_join ${jobs} j force index (primary) on j.id = d.id
set j.timeouts = least(j.timeouts, ${MOST}) + ${state === 'reserved' ? 1 : 0}, j.state = 'ready', j.due_at = null, j.token = null`,
    parameters: listed.parameters,
  };
}

function due(state: TimedState, now: string): string {
  return `state = '${state}' and due_at <= ${now}`;
}
