import type { JobTable } from '../../layouts/job-table';
import { type DatabaseFunction, databaseFunction } from '../../layouts/layout';
import { POSTGRES_NOW } from './postgres-insert';

/**
 * A put of jobs with unique keys that no job holds yet, in the order of their keys: all of them, or none, and then it
 * returns null. It does not ask for each row whether it may be stored, which is most of what `on conflict` costs, and
 * undoes all when the unique index refuses one. Then `postgresPutUnique` has to look.
 *
 * Like that one it waits, key by key, for transactions that have put one of the keys and are not committed.
 */
export function postgresPutFresh({ jobs, putFresh }: JobTable): DatabaseFunction {
  return databaseFunction(
    `${putFresh}(text[], text, text, bigint[], bigint[], bigint[], text[], text[])`,
    `create or replace function ${putFresh}(
pipelines text[], payloads text, separator text, priorities bigint[], delays bigint[], ttrs bigint[], retries text[], unique_keys text[])
returns text
language plpgsql
as $function$
#variable_conflict use_column
declare
  moment constant bigint := ${POSTGRES_NOW};
  stored bigint;
  ids text;
begin
  with inserted as (
    insert into ${jobs} as j (pipeline, payload, priority, state, due_at, ttr_ms, retry, unique_key)
    select coalesce(n.pipeline, pipelines[1]), n.payload, coalesce(n.priority, priorities[1]),
      case when coalesce(n.delay, delays[1]) > 0 then 'delayed' else 'ready' end,
      case when coalesce(n.delay, delays[1]) > 0 then moment + coalesce(n.delay, delays[1]) end,
      coalesce(n.ttr, ttrs[1]), case when pg_catalog.cardinality(retries) = 1 then retries[1] else n.retry end, n.unique_key
    from rows from (pg_catalog.unnest(pipelines), pg_catalog.unnest(pg_catalog.string_to_array(payloads, separator)),
        pg_catalog.unnest(priorities), pg_catalog.unnest(delays), pg_catalog.unnest(ttrs), pg_catalog.unnest(retries),
        pg_catalog.unnest(unique_keys))
      with ordinality as n (pipeline, payload, priority, delay, ttr, retry, unique_key, position)
    order by position
    returning j.id)
  select pg_catalog.string_agg(inserted.id::text, ' '), pg_catalog.count(*) into ids, stored from inserted;
  if stored < pg_catalog.cardinality(unique_keys) then
    raise exception 'a trigger on the table left out % of % jobs, and none was stored',
      pg_catalog.cardinality(unique_keys) - stored, pg_catalog.cardinality(unique_keys);
  end if;
  return ids;
exception when unique_violation then
  return null;
end
$function$`,
  );
}
