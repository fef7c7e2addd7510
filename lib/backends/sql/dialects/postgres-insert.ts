import { randomBytes } from 'node:crypto';
import { milliseconds } from '../../../core/checks';
import type { NewRow } from '../dialect';
import type { JobTable } from '../job-table';
import type { Ride } from '../ride';

type Statement = [sql: string, parameters: readonly unknown[]];

/** statement_timestamp() is stable, so that an index serves comparisons with it; clock_timestamp() is not. */
export const POSTGRES_NOW = '(extract(epoch from statement_timestamp()) * 1000)::bigint';

/** Stores the rows and answers `ids`, separated by spaces; tells of them, too, when they are to. */
export function postgresInsert(table: JobTable, rows: readonly NewRow[], ride: Ride | undefined): Statement {
  const [only, another] = rows;
  const alone = only !== undefined && another === undefined && !ride?.news.length;
  return alone ? insertOne(table, only, ride?.channel) : insertAll(table, rows, ride);
}

/** A plain statement: for one row it costs less than the function. */
function insertOne(
  { jobs }: JobTable,
  { pipeline, payload, priority, delay, ttr, retry }: NewRow,
  channel: string | undefined,
): Statement {
  return [
    `with inserted as (
  insert into ${jobs} (pipeline, payload, priority, state, due_at, ttr_ms, retry)
  values ($1, $2, $3, case when $4::bigint > 0 then 'delayed' else 'ready' end, case when $4 > 0 then ${POSTGRES_NOW} + $4 end, $5, $6)
  returning id)
select id::text as ids, case when $7::text is not null and $4 = 0 then pg_notify($7, concat_ws(' ', $1, $3::bigint, id)) end from inserted`,
    [pipeline, payload, priority, milliseconds(delay), milliseconds(ttr), retry ?? null, channel ?? null],
  ];
}

function insertAll({ put }: JobTable, rows: readonly NewRow[], ride: Ride | undefined): Statement {
  const separator = separatorFor(rows);
  return [
    `select ${put}($1::text[], $2, $3, $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8, $9::text[]) as ids`,
    [
      column(rows, (row) => row.pipeline),
      rows.map((row) => row.payload).join(separator),
      separator,
      column(rows, (row) => row.priority),
      column(rows, (row) => milliseconds(row.delay)),
      column(rows, (row) => milliseconds(row.ttr)),
      column(rows, (row) => row.retry ?? null),
      ride?.channel ?? null,
      ride?.news ?? null,
    ],
  ];
}

/** A text that no payload has in it; none in JSON has a control character. */
function separatorFor(rows: readonly NewRow[]): string {
  let separator = '\u001e';
  while (rows.some(({ payload }) => payload.includes(separator))) {
    separator = `\u001e${randomBytes(9).toString('base64url')}`;
  }
  return separator;
}

/** The values of a column; a single one when they are all the same. */
function column<T>(rows: readonly NewRow[], valueOf: (row: NewRow) => T): T[] {
  const values = rows.map(valueOf);
  return values.every((value) => value === values[0]) ? values.slice(0, 1) : values;
}
