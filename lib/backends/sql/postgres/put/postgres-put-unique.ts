import { ended } from '../../claims/lone-run';
import type { JobTable } from '../../layouts/job-table';
import { type DatabaseFunction, databaseFunction } from '../../layouts/layout';
import { POSTGRES_NOW } from './postgres-insert';

/** So often it looks for the holder of a key and finds none, and stores a job and cannot. */
const TRIES = 100;

/**
 * A put of jobs with unique keys as a function in the database: whatever has to be done, it is one round trip, and all
 * or nothing. The rows come in the order of their keys, in which they are locked.
 *
 * First it stores all that can be stored; in the good case that is all. The unique index makes it wait for transactions
 * that have put one of the keys and are not committed. For each of the others it looks at the job that has the key,
 * keeps or changes it, or takes the key from it and stores the new one. Each statement sees what is committed by then,
 * and changes a row only while it is as it was seen, so that it looks again when a claim or an end came in between.
 *
 * A row that says `for` is stored behind a row of the keys' table, which it locks: so two of them never meet.
 *
 * It returns a word for each row, separated by spaces: `+id` stored, `=id` kept, `~id/ms` changed and how long until it
 * is ready.
 */
export function postgresPutUnique({ jobs, keys, putUnique }: JobTable, layout = 3): DatabaseFunction {
  // Layout 2 has no such column.
  const forgotten = layout === 2 ? '' : ' history = null,';
  const wanted = `select n.position::int as place, coalesce(n.pipeline, pipelines[1]) as pipeline, coalesce(n.payload, '') as payload,
      coalesce(n.priority, priorities[1]) as priority, coalesce(n.delay, delays[1]) as delay, coalesce(n.ttr, ttrs[1]) as ttr,
      case when pg_catalog.cardinality(retries) = 1 then retries[1] else n.retry end as retry, n.unique_key,
      coalesce(n.conflict, conflicts[1]) as conflict, coalesce(n.lasts, ends[1]) as lasts,
      case when pg_catalog.cardinality(max_waits) = 1 then max_waits[1] else n.max_wait end as max_wait,
      case when pg_catalog.cardinality(holds) = 1 then holds[1] else n.hold end as hold,
      case when pg_catalog.cardinality(heads) = 1 then heads[1] else n.head end as head
    from rows from (pg_catalog.unnest(pipelines), pg_catalog.unnest(texts), pg_catalog.unnest(priorities),
        pg_catalog.unnest(delays), pg_catalog.unnest(ttrs), pg_catalog.unnest(retries), pg_catalog.unnest(unique_keys),
        pg_catalog.unnest(conflicts), pg_catalog.unnest(ends), pg_catalog.unnest(max_waits), pg_catalog.unnest(holds),
        pg_catalog.unnest(heads))
      with ordinality as n (pipeline, payload, priority, delay, ttr, retry, unique_key, conflict, lasts, max_wait, hold, head, position)`;
  return databaseFunction(
    `${putUnique}(text[], text, text, bigint[], bigint[], bigint[], text[], text[], text[], text[], bigint[], bigint[], text[])`,
    `create or replace function ${putUnique}(
pipelines text[], payloads text, separator text, priorities bigint[], delays bigint[], ttrs bigint[], retries text[],
unique_keys text[], conflicts text[], ends text[], max_waits bigint[], holds bigint[], heads text[])
returns text
language plpgsql
as $function$
#variable_conflict use_column
declare
  moment constant bigint := ${POSTGRES_NOW};
  texts constant text[] := pg_catalog.string_to_array(payloads, separator);
  words text[];
  wish record;
  holder record;
  due bigint;
  stored bigint;
begin
  with wishes as (${wanted}), inserted as (
    insert into ${jobs} as j (pipeline, payload, priority, state, due_at, ttr_ms, retry, unique_key, headers)
    select w.pipeline, w.payload, w.priority, case when w.delay > 0 then 'delayed' else 'ready' end,
      case when w.delay > 0 then moment + w.delay end, w.ttr, w.retry, w.unique_key, w.head
    from wishes w where w.hold is null order by w.place
    on conflict (pipeline, unique_key) where unique_key is not null do nothing
    returning j.id, j.pipeline, j.unique_key)
  select pg_catalog.array_agg('+' || i.id::text order by w.place) into words
  from wishes w left join inserted i on i.pipeline = w.pipeline and i.unique_key = w.unique_key;

  if pg_catalog.array_position(words, null::text) is null then
    return pg_catalog.array_to_string(words, ' ');
  end if;
  <<wishes>>
  for wish in select w.* from (${wanted}) w where words[w.place] is null order by w.place loop
    if wish.hold is not null then
      insert into ${keys} as k (pipeline, unique_key, held_until) values (wish.pipeline, wish.unique_key, moment)
      on conflict (pipeline, unique_key) do update set held_until = k.held_until
      returning case when k.held_until > moment then k.job_id end into stored;
      if stored is not null then
        words[wish.place] := '=' || stored::text;
        continue wishes;
      end if;
    end if;
    for try in 1..${TRIES} loop
      select j.id, j.state, j.added_at, j.state = 'reserved' and j.due_at > moment as runs,
        j.state <> 'buried' and (wish.lasts = 'done' or j.state <> 'reserved' and j.attempts = 0 and j.timeouts = 0) as holds
      into holder from ${jobs} j where j.pipeline = wish.pipeline and j.unique_key = wish.unique_key;
      if found then
        if holder.holds and wish.conflict = 'keep' then
          words[wish.place] := '=' || holder.id::text;
          continue wishes;
        end if;
        if holder.holds and not holder.runs then
          due := moment + wish.delay;
          if wish.max_wait is not null then
            due := least(due, coalesce(holder.added_at, moment) + wish.max_wait);
          end if;
          update ${jobs} j
          set payload = wish.payload, priority = wish.priority, ttr_ms = wish.ttr, retry = wish.retry, headers = wish.head, token = null,
            state = case when due > moment then 'delayed' else 'ready' end, due_at = case when due > moment then due end,
            attempts = 0, timeouts = 0, kicks = 0,${forgotten} reason = null, flags = ${ended}
          where j.id = holder.id and j.unique_key = wish.unique_key and j.state = holder.state
            and (j.state <> 'reserved' or j.due_at <= moment) and (wish.lasts = 'done' or j.attempts = 0 and j.timeouts = 0);
          if found then
            words[wish.place] := '~' || holder.id::text || '/' || greatest(due - moment, 0::bigint)::text;
            continue wishes;
          end if;
          continue;
        end if;
        update ${jobs} j set unique_key = null
        where j.id = holder.id and j.unique_key = wish.unique_key and j.state = holder.state;
      end if;
      insert into ${jobs} as j (pipeline, payload, priority, state, due_at, ttr_ms, retry, unique_key, headers)
      values (wish.pipeline, wish.payload, wish.priority, case when wish.delay > 0 then 'delayed' else 'ready' end,
        case when wish.delay > 0 then moment + wish.delay end, wish.ttr, wish.retry, wish.unique_key, wish.head)
      on conflict (pipeline, unique_key) where unique_key is not null do nothing
      returning j.id into stored;
      if stored is not null then
        words[wish.place] := '+' || stored::text;
        if wish.hold is not null then
          update ${keys} k set job_id = stored, held_until = moment + wish.hold
          where k.pipeline = wish.pipeline and k.unique_key = wish.unique_key;
        end if;
        continue wishes;
      end if;
    end loop;
    raise exception 'a job with a unique key could neither be stored nor found: a trigger on the table may leave it out';
  end loop;
  return pg_catalog.array_to_string(words, ' ');
end
$function$`,
  );
}
