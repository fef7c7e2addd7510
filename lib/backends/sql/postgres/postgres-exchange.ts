import type { JobTable } from '../layouts/job-table';
import { type DatabaseFunction, databaseFunction } from '../layouts/layout';
import { POSTGRES_NOW } from './put/postgres-insert';

/**
 * The hot path as a function in the database: deletes what has ended and claims what comes next.
 *
 * As a function, because its settings hold for it alone and its plans are kept by the session, whatever pool or
 * proxy the session belongs to. Left to itself, the planner sorts the whole backlog for one claim when its
 * statistics are from a time when the table was (nearly) empty, which for a queue is most of the time.
 *
 * `after_priority` and `after_id` are the low-water mark: nothing ready lies before it, as far as the caller
 * knows. The index entries of deleted jobs stay until the oldest transaction of the whole server has ended; the
 * mark spares the scan from walking over them.
 *
 * `state || ''` keeps the planner from the index of due jobs, see PostgresDialect.held.
 *
 * Pauses are asked for within the claim: a statement of its own would have a snapshot of its own, and a job that was
 * put behind a pause could be claimed by a call that began before both.
 *
 * It returns rows of two texts, because every column of every row costs both sides: a claimed job's numbers and
 * its payload; and, when there was something to delete, `settled` with the ids that were still ours, null when
 * they all were. Rows are found again by ctid, which spares a walk down the primary key for each: they are
 * locked, so they stay where they are. One that another transaction rewrote between this statement's snapshot
 * and its lock is not found there; it stays ready and the next look finds it.
 */
export function postgresExchange({ jobs, pauses, exchange }: JobTable, layout = 2): DatabaseFunction {
  // Layout 1 has no such column.
  const headers = layout === 1 ? '' : `, E'\\x1f'::text || j.headers`;
  return databaseFunction(
    `${exchange}(bigint[], text[], text, integer, text, bigint, bigint)`,
    `create or replace function ${exchange}(
ids bigint[], tokens text[], wanted_pipeline text, wanted integer, claim text, after_priority bigint, after_id bigint)
returns table (job text, payload text)
language plpgsql
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set plan_cache_mode = force_generic_plan
as $function$
#variable_conflict use_column
declare
  moment constant bigint := ${POSTGRES_NOW};
begin
  if pg_catalog.cardinality(ids) > 0 then
    with deleted as (
      delete from ${jobs} j
      where j.id = any(ids) and j.token = any(tokens) and j.state || '' = 'reserved' and j.due_at > moment
      returning j.id)
    select 'settled', case when pg_catalog.count(*) < pg_catalog.cardinality(ids) then coalesce(pg_catalog.string_agg(deleted.id::text, ' '), '') end
    into job, payload from deleted;
    return next;
  end if;
  if wanted > 0 then
    return query
    update ${jobs} j set state = 'reserved', token = claim, due_at = moment + j.ttr_ms
    where j.ctid = any(array(
      select r.ctid from ${jobs} r
      where r.pipeline = wanted_pipeline and r.state = 'ready' and (r.priority, r.id) > (after_priority, after_id)
        and not exists (select from ${pauses} p where p.pipeline = wanted_pipeline and p.paused_until > moment)
      order by r.priority, r.id limit wanted for update skip locked))
    returning pg_catalog.concat_ws(' ', j.id, j.priority, j.ttr_ms, j.attempts, j.timeouts, j.kicks, coalesce(j.added_at::text, '-'), j.retry${headers}), j.payload;
  end if;
end
$function$`,
  );
}
