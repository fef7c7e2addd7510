import type { JobId } from '../../../../core/contract/job-data';
import type { ClaimOrder } from '../../claims/claim-order';
import type { Claim, SqlDialect } from '../../engine/dialect';
import type { ScriptStatement } from '../connection/script-executor';
import { anyOf } from './mysql-any-of';

type Subject = Pick<SqlDialect, 'table' | 'now' | 'columns'>;
type Statement = Required<ScriptStatement>;

/**
 * Looks without locks for the first ready jobs behind the low-water mark. A claim by the index that found fewer than it
 * asks for would walk on behind the last one, and lock its way over the entries of all jobs that were reserved and
 * deleted since the oldest transaction of the server began.
 */
export function candidates(
  { table, now }: Subject,
  { pipeline, limit }: Claim,
  after: ClaimOrder,
): Statement {
  return {
    // Two ranges of the index, because MySQL looks no further into `(priority, id) > (?, ?)`.
    sql: `select id from ${table.jobs} force index (${table.index('ready')})
where pipeline = ? and state = 'ready' and (priority = ? and id > ? or priority > ?)
  and not exists (select 1 from ${table.pauses} where pipeline = ? and paused_until > ${now})
order by priority, id limit ?`,
    parameters: [pipeline, after.priority, after.id, after.priority, pipeline, limit],
  };
}

/**
 * Takes the first ready jobs, or those of the candidates that no rival has taken or locked, and then reads them: MySQL's
 * update returns no rows.
 */
export function claimStatements(subject: Subject, claim: Claim, found?: readonly JobId[]): ScriptStatement[] {
  if (found?.length === 0) return [];
  // The reserved jobs of one pipeline are few, and the claim's index finds them.
  const place = found
    ? { index: 'primary', ...anyOf('id', found) }
    : { index: subject.table.index('ready'), sql: 'pipeline = ?', parameters: [claim.pipeline] };
  const of = (state: string) => ({
    sql: `force index (${place.index}) where ${place.sql} and state = '${state}'`,
    parameters: place.parameters,
  });
  return taken(subject, claim, of('ready'), of('reserved'));
}

function taken(
  { table: { jobs, pauses }, now, columns }: Subject,
  { pipeline, limit, token }: Claim,
  ready: Statement,
  reserved: Statement,
): ScriptStatement[] {
  return [
    {
      // A join with the derived table, not `in (select …)`: MySQL runs that one once for every row of the table. The
      // indexes and the order of the join are named, because in a small table it would rather scan, and lock, all rows.
      sql: `update (
  select id from ${jobs} ${ready.sql}
    and not exists (select 1 from ${pauses} where pipeline = ? and paused_until > ${now})
  order by priority, id limit ? for update skip locked
) c straight_join ${jobs} j force index (primary) on j.id = c.id
set j.state = 'reserved', j.token = ?, j.due_at = ${now} + j.ttr_ms`,
      parameters: [...ready.parameters, pipeline, limit, token],
    },
    {
      sql: `select ${columns} from ${jobs} ${reserved.sql} and token = ?`,
      parameters: [...reserved.parameters, token],
    },
  ];
}
