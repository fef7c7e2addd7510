import type { JobTable } from '../layouts/job-table';
import { type DatabaseFunction, databaseFunction } from '../layouts/layout';

/**
 * A put as a function in the database: the session keeps its plan, and the news of it can go with the same
 * commit. An array of one value stands for all rows, because jobs that are added together are mostly alike.
 *
 * The payloads come as one text, because the driver would look at each of their characters to quote them in an
 * array.
 *
 * With a channel it notifies, for each pipeline that got ready jobs, the place in the order of claims before
 * which none of them lies, and `news` besides.
 */
export function postgresPut({ jobs, put }: JobTable): DatabaseFunction {
  return databaseFunction(
    `${put}(text[], text, text, bigint[], bigint[], bigint[], text[], text, text[])`,
    `create or replace function ${put}(
pipelines text[], payloads text, separator text, priorities bigint[], delays bigint[], ttrs bigint[], retries text[], channel text, news text[])
returns text
language plpgsql
as $function$
#variable_conflict use_column
declare
  moment constant bigint := (extract(epoch from statement_timestamp()) * 1000)::bigint;
  ids text;
begin
  if cardinality(news) > 0 then
    perform pg_notify(channel, older) from unnest(news) as older;
  end if;
  with inserted as (
    insert into ${jobs} as j (pipeline, payload, priority, state, due_at, ttr_ms, retry)
    select coalesce(n.pipeline, pipelines[1]), n.payload, coalesce(n.priority, priorities[1]),
      case when coalesce(n.delay, delays[1]) > 0 then 'delayed' else 'ready' end,
      case when coalesce(n.delay, delays[1]) > 0 then moment + coalesce(n.delay, delays[1]) end,
      coalesce(n.ttr, ttrs[1]), case when cardinality(retries) = 1 then retries[1] else n.retry end
    from unnest(pipelines, string_to_array(payloads, separator), priorities, delays, ttrs, retries)
      with ordinality as n (pipeline, payload, priority, delay, ttr, retry, position)
    order by position
    returning j.id, j.pipeline, j.priority, j.state),
  told as (
    select pg_notify(channel, concat_ws(' ', r.pipeline, min(r.priority), min(r.id))) from inserted r
    where channel is not null and r.state = 'ready' group by r.pipeline)
  select string_agg(inserted.id::text, ' ') into ids from inserted where (select count(*) from told) >= 0;
  return ids;
end
$function$`,
  );
}
