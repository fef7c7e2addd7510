import { milliseconds } from '../../../core/checks/checks';
import type { ClaimOrder } from '../claims/claim-order';
import { ended } from '../claims/lone-run';
import type { Change, Hold, SqlExchange } from '../engine/dialect';
import { MOST } from '../engine/states';
import { type HistoryWords, withFailure } from '../history/failed-attempts';
import type { JobTable } from '../layouts/job-table';
import { keepCall, keepParameters } from './postgres-keep';
import { POSTGRES_NOW } from './put/postgres-insert';

const HISTORY_WORDS: HistoryWords = {
  concatenated: (...texts) => texts.join(' || '),
  position: 'strpos',
  schema: 'pg_catalog.',
};

/** One statement for all that an exchange does: the function's call, with what is changed and what is kept beside it. */
export function settlementStatement(
  table: JobTable,
  { deletes, keeps = [], changes, claim }: SqlExchange,
  after: ClaimOrder | undefined,
): [sql: string, parameters: unknown[]] {
  const parameters: unknown[] = [
    deletes.map(({ id }) => id),
    tokensOf(deletes),
    claim?.pipeline ?? null,
    claim?.limit ?? 0,
    claim?.token ?? null,
    after?.priority ?? -1,
    after?.id ?? 0,
  ];
  let sql = `select * from ${table.exchange}($1::bigint[], $2::text[], $3, $4, $5, $6, $7)`;
  if (changes.length > 0) {
    sql = `${changing(table)}${sql} union all select 'changed', pg_catalog.string_agg(id::text, ' ') from changed`;
    parameters.push(...changeParameters(changes));
  }
  if (keeps.length > 0) {
    sql = `${sql} union all select * from ${keepCall(table, parameters.length + 1)}`;
    parameters.push(...keepParameters(keeps));
  }
  return [sql, parameters];
}

export function tokensOf(holds: readonly Hold[]): string[] {
  return [...new Set(holds.map(({ token }) => token))];
}

function changing({ jobs }: JobTable): string {
  return `with changed as (
  update ${jobs} j
  set state = c.state, due_at = case when c.state <> 'ready' then ${POSTGRES_NOW} + c.delay_ms end, token = null,
    attempts = least(attempts, ${MOST}) + c.ended, priority = c.priority, reason = c.reason, flags = ${ended},
    history = ${withFailure(HISTORY_WORDS, POSTGRES_NOW, 'c.failure')}
  from unnest($8::bigint[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::text[], $14::int[], $15::text[])
    as c (id, token, state, delay_ms, priority, reason, ended, failure)
  where j.id = c.id and j.token = c.token and j.state || '' = 'reserved' and j.due_at > ${POSTGRES_NOW}
  returning j.id)
`;
}

function changeParameters(changes: readonly Change[]): unknown[] {
  return [
    changes.map(({ id }) => id),
    changes.map(({ token }) => token),
    changes.map(({ state }) => state),
    changes.map(({ delay }) => milliseconds(delay)),
    changes.map(({ priority }) => priority),
    changes.map(({ reason }) => reason),
    changes.map(({ ended }) => ended),
    changes.map(({ failure }) => failure),
  ];
}
