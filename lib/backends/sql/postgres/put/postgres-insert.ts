import { randomBytes } from 'node:crypto';
import { milliseconds } from '../../../../core/checks/checks';
import type { NewRow } from '../../engine/dialect';
import type { JobTable } from '../../layouts/job-table';
import type { Notice } from '../wake-up/postgres-notifier';

type Statement = [sql: string, parameters: readonly unknown[]];

/**
 * statement_timestamp() is stable, so that an index serves comparisons with it; clock_timestamp() is not.
 *
 * As everywhere in our statements, functions are those of pg_catalog by name, and operators have operands of exactly the
 * types that pg_catalog knows them for: else one in a schema of the search path could fit better,
 * and would run with the rights of the queue. (`numeric * integer` would be such a gap.)
 */
export const POSTGRES_NOW =
  '(extract(epoch from pg_catalog.statement_timestamp())::numeric * 1000::numeric)::bigint';

/** Statements that store jobs and return `ids`, separated by spaces. */
export class PostgresInsert {
  // Made once: a text that is new for each job would have to be compared with those that the session knows.
  private readonly ready: string;
  private readonly readyAndTold: string;
  private readonly delayed: string;

  constructor(private readonly table: JobTable) {
    const { jobs } = table;
    const columns = `insert into ${jobs} (pipeline, payload, priority, ttr_ms, retry, state, due_at) values ($1, $2, $3, $4, $5,`;
    this.ready = `${columns} 'ready', null) returning id::text as ids`;
    this.delayed = `${columns} 'delayed', ${POSTGRES_NOW} + $6) returning id::text as ids`;
    this.readyAndTold = `with inserted as (
  insert into ${jobs} (pipeline, payload, priority, ttr_ms, retry) values ($1, $2, $3, $4, $5) returning id)
select id::text as ids, pg_catalog.pg_notify($6, $7) from inserted`;
  }

  /** Tells of the jobs, too, when there is a notice. */
  of(rows: readonly NewRow[], notice?: Notice): Statement {
    const [only, another] = rows;
    if (haveHeaders(rows)) return insertHeaded(this.table, rows);
    // For one row a plain statement costs less than the function.
    return (only && !another && this.ofOne(only, notice)) || insertAll(this.table, rows, notice);
  }

  private ofOne(
    { pipeline, payload, priority, delay, ttr, retry }: NewRow,
    notice: Notice | undefined,
  ): Statement | undefined {
    const parameters = [pipeline, payload, priority, milliseconds(ttr), retry ?? null];
    if (!notice)
      return delay > 0 ? [this.delayed, [...parameters, milliseconds(delay)]] : [this.ready, parameters];
    const [message, furtherMessage] = notice.messages;
    const toldAlone = delay === 0 && message !== undefined && !furtherMessage;
    return toldAlone ? [this.readyAndTold, [...parameters, notice.channel, message]] : undefined;
  }
}

/** The pipelines in which jobs of these are ready at once. */
export function pipelinesOf(rows: readonly NewRow[]): Set<string> {
  const ready = new Set<string>();
  for (const { pipeline, delay } of rows) if (delay === 0) ready.add(pipeline);
  return ready;
}

/** Whether any of the rows has more than the function takes. */
export function haveHeaders(rows: readonly NewRow[]): boolean {
  return rows.some(({ headers }) => headers !== undefined);
}

/** In a statement of their own, so that jobs without headers do not pay for them. */
function insertHeaded({ jobs }: JobTable, rows: readonly NewRow[]): Statement {
  return [
    `with inserted as (
  insert into ${jobs} as j (pipeline, payload, priority, state, due_at, ttr_ms, retry, headers)
  select n.pipeline, n.payload, n.priority, case when n.delay > 0 then 'delayed' else 'ready' end,
    case when n.delay > 0 then ${POSTGRES_NOW} + n.delay end, n.ttr, n.retry, n.headers
  from rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[]), pg_catalog.unnest($3::bigint[]),
      pg_catalog.unnest($4::bigint[]), pg_catalog.unnest($5::bigint[]), pg_catalog.unnest($6::text[]),
      pg_catalog.unnest($7::text[]))
    with ordinality as n (pipeline, payload, priority, delay, ttr, retry, headers, position)
  order by position
  returning j.id)
select pg_catalog.string_agg(inserted.id::text, ' ') as ids from inserted`,
    [
      rows.map((row) => row.pipeline),
      rows.map((row) => row.payload),
      rows.map((row) => row.priority),
      rows.map((row) => milliseconds(row.delay)),
      rows.map((row) => milliseconds(row.ttr)),
      rows.map((row) => row.retry ?? null),
      rows.map((row) => row.headers ?? null),
    ],
  ];
}

function insertAll({ put }: JobTable, rows: readonly NewRow[], notice: Notice | undefined): Statement {
  return [
    `select ${put}($1::text[], $2, $3, $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8, $9::text[]) as ids`,
    [...rowParameters(rows), notice?.channel ?? null, notice?.messages ?? null],
  ];
}

/** The rows as the first seven parameters of the functions that put them. */
export function rowParameters(rows: readonly NewRow[]): unknown[] {
  const separator = separatorFor(rows);
  return [
    column(rows, (row) => row.pipeline),
    rows.map((row) => row.payload).join(separator),
    separator,
    column(rows, (row) => row.priority),
    column(rows, (row) => milliseconds(row.delay)),
    column(rows, (row) => milliseconds(row.ttr)),
    column(rows, (row) => row.retry ?? null),
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
export function column<Row, T>(rows: readonly Row[], valueOf: (row: Row) => T): T[] {
  const values = rows.map(valueOf);
  return values.every((value) => value === values[0]) ? values.slice(0, 1) : values;
}
