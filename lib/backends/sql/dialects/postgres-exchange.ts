import type { JobTable } from '../job-table';

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
 */
export function postgresExchange({ jobs, pauses, exchange }: JobTable): string {
  return `create or replace function ${exchange}(
ids bigint[], tokens text[], wanted_pipeline text, wanted integer, claim text, after_priority bigint, after_id bigint)
returns table (id bigint, pipeline text, payload text, priority bigint, ttr_ms bigint, attempts integer, timeouts integer,
  kicks integer, added_at bigint, retry text, settled bigint[])
language plpgsql
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set plan_cache_mode = force_generic_plan
as $function$
#variable_conflict use_column
declare
  moment constant bigint := (extract(epoch from statement_timestamp()) * 1000)::bigint;
begin
  if cardinality(ids) > 0 then
    with deleted as (
      delete from ${jobs} j
      where j.id = any(ids) and j.token = any(tokens) and j.state = 'reserved' and j.due_at + 0 > moment
      returning j.id)
    select array_agg(deleted.id) into settled from deleted;
    return next;
  end if;
  if wanted > 0 and not exists (select from ${pauses} p where p.pipeline = wanted_pipeline and p.paused_until > moment) then
    return query
    update ${jobs} j set state = 'reserved', token = claim, due_at = moment + j.ttr_ms
    where j.id = any(array(
      select r.id from ${jobs} r
      where r.pipeline = wanted_pipeline and r.state = 'ready' and (r.priority, r.id) > (after_priority, after_id)
      order by r.priority, r.id limit wanted for update skip locked))
    returning j.id, j.pipeline, j.payload, j.priority, j.ttr_ms, j.attempts, j.timeouts, j.kicks, j.added_at, j.retry, null::bigint[];
  end if;
end
$function$`;
}
