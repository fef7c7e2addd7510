import type { JobTable } from '../../layouts/job-table';
import { type DatabaseFunction, databaseFunction } from '../../layouts/layout';
import { POSTGRES_NOW } from './postgres-insert';

/**
 * A put as a function in the database: the session keeps its plan, and word of it can go with the same
 * commit. An array of one value stands for all rows, because jobs that are added together are mostly alike.
 *
 * The payloads come as one text, because the driver would look at each of their characters to quote them in an
 * array.
 *
 * The news are messages for the channel.
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
  moment constant bigint := ${POSTGRES_NOW};
  texts constant text[] := pg_catalog.string_to_array(payloads, separator);
  stored bigint;
  ids text;
begin
  if pg_catalog.cardinality(news) > 0 then
    perform pg_catalog.pg_notify(channel, older) from pg_catalog.unnest(news) as older;
  end if;
  with inserted as (
    insert into ${jobs} as j (pipeline, payload, priority, state, due_at, ttr_ms, retry)
    select coalesce(n.pipeline, pipelines[1]), n.payload, coalesce(n.priority, priorities[1]),
      case when coalesce(n.delay, delays[1]) > 0 then 'delayed' else 'ready' end,
      case when coalesce(n.delay, delays[1]) > 0 then moment + coalesce(n.delay, delays[1]) end,
      coalesce(n.ttr, ttrs[1]), case when pg_catalog.cardinality(retries) = 1 then retries[1] else n.retry end
    from rows from (pg_catalog.unnest(pipelines), pg_catalog.unnest(texts), pg_catalog.unnest(priorities),
        pg_catalog.unnest(delays), pg_catalog.unnest(ttrs), pg_catalog.unnest(retries))
      with ordinality as n (pipeline, payload, priority, delay, ttr, retry, position)
    order by position
    returning j.id)
  select pg_catalog.string_agg(inserted.id::text, ' '), pg_catalog.count(*) into ids, stored from inserted;
  if stored < pg_catalog.cardinality(texts) then
    raise exception 'a trigger on the table left out % of % jobs, and none was stored',
      pg_catalog.cardinality(texts) - stored, pg_catalog.cardinality(texts);
  end if;
  return ids;
end
$function$`,
  );
}
