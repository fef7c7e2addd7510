import type { Claim, SqlDialect } from '../dialect';
import type { ScriptStatement } from '../script-executor';

/** Takes the first ready jobs, and then reads them: MySQL's update answers no rows. */
export function claimStatements(
  { table, now, columns }: Pick<SqlDialect, 'table' | 'now' | 'columns'>,
  { pipeline, limit, token }: Claim,
): ScriptStatement[] {
  const { jobs, pauses } = table;
  return [
    {
      // A join with the derived table, not `in (select …)`: MySQL runs that one once for every row of the table. The
      // indexes and the order of the join are named, because in a small table it would rather scan, and lock, all rows.
      sql: `update (
  select id from ${jobs} force index (${table.index('ready')}) where pipeline = ? and state = 'ready'
    and not exists (select 1 from ${pauses} where pipeline = ? and paused_until > ${now})
  order by priority, id limit ? for update skip locked
) c straight_join ${jobs} j force index (primary) on j.id = c.id
set j.state = 'reserved', j.token = ?, j.due_at = ${now} + j.ttr_ms`,
      parameters: [pipeline, pipeline, limit, token],
    },
    {
      // The reserved jobs of one pipeline are few, and the claim's index finds them.
      sql: `select ${columns} from ${jobs} where pipeline = ? and state = 'reserved' and token = ?`,
      parameters: [pipeline, token],
    },
  ];
}
