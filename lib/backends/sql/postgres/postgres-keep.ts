import type { KeptEnd } from '../engine/dialect';
import { MOST } from '../engine/states';
import { KEPT_COLUMNS, type KeptValues, keptValues } from '../history/kept-row';
import type { JobTable } from '../layouts/job-table';
import { type DatabaseFunction, databaseFunction } from '../layouts/layout';
import { POSTGRES_NOW } from './put/postgres-insert';

/**
 * Deletes jobs that have ended and writes them down among those that are kept. A function for the reasons that
 * `postgresExchange` has: a settlement that keeps calls it beside that one, in the same statement. It returns one row,
 * `kept` with the ids that were still ours.
 *
 * A row under the id of a job that is there is of an earlier life of the table. It is deleted first: `on conflict` would
 * look for one in every insert, and confirm every row with one more record in the log. Its condition is a value, not an
 * `exists`: that would be a join, which a plan made for an almost empty table may begin with all jobs.
 */
export function postgresKeep(table: JobTable): DatabaseFunction {
  const values: KeptValues = {
    id: 'gone.id',
    pipeline: 'gone.pipeline',
    outcome: `'completed'`,
    payload: 'gone.payload',
    result: 'k.result',
    error: 'k.error',
    history: 'gone.history',
    headers: 'gone.headers',
    unique_key: 'gone.unique_key',
    priority: 'gone.priority',
    attempts: `least(gone.attempts, ${MOST}) + 1`,
    added_at: 'gone.added_at',
    started_at: 'moment - k.ran',
    ended_at: 'moment',
    keep_until: 'moment + k.lasts',
    keep_most: 'k.most',
    worker: 'k.worker',
  };
  return databaseFunction(
    `${table.keep}(bigint[], text[], text[], text[], bigint[], bigint[], integer[], text[])`,
    `create or replace function ${table.keep}(
ids bigint[], tokens text[], results text[], errors text[], runs bigint[], times bigint[], numbers integer[], workers text[])
returns table (job text, payload text)
language plpgsql
set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan
as $function$
#variable_conflict use_column
declare
  moment constant bigint := ${POSTGRES_NOW};
begin
  delete from ${table.side('done')} d where d.id = any(ids) and (select j.id from ${table.jobs} j where j.id = d.id) is not null;
  return query
  with gone as (
    delete from ${table.jobs} j
    where j.id = any(ids) and j.token = any(tokens) and j.state || '' = 'reserved' and j.due_at > moment
    returning j.id, j.pipeline, j.payload, j.history, j.headers, j.unique_key, j.priority, j.attempts, j.added_at),
  kept as (
    insert into ${table.side('done')} (${KEPT_COLUMNS.join(', ')})
    select ${KEPT_COLUMNS.map((column) => values[column]).join(', ')}
    from gone join unnest(ids, results, errors, runs, times, numbers, workers)
      as k (id, result, error, ran, lasts, most, worker) on k.id = gone.id)
  select 'kept', coalesce(pg_catalog.string_agg(gone.id::text, ' '), '') from gone;
end
$function$`,
  );
}

/** Its call, of which the first parameter has that number. */
export function keepCall({ keep }: JobTable, first: number): string {
  const types = ['bigint[]', 'text[]', 'text[]', 'text[]', 'bigint[]', 'bigint[]', 'integer[]', 'text[]'];
  return `${keep}(${types.map((type, index) => `$${first + index}::${type}`).join(', ')})`;
}

export function keepParameters(ends: readonly KeptEnd[]): unknown[] {
  return [
    ends.map(({ id }) => id),
    [...new Set(ends.map(({ token }) => token))],
    ...keptValues(ends).map(shortened),
  ];
}

/** `unnest` fills shorter lists up with nulls. */
function shortened(values: readonly unknown[]): readonly unknown[] {
  return values.every((value) => value === null) ? [] : values;
}
