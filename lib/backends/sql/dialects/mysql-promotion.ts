import type { SqlDialect } from '../dialect';
import type { ScriptStatement } from '../script-executor';

/** Makes one state's due jobs ready, at most so many. The first statement answers their pipelines. */
export function promotionStatements(
  { table, now }: Pick<SqlDialect, 'table' | 'now'>,
  state: 'delayed' | 'reserved',
  limit: number,
): [look: ScriptStatement, promotion: ScriptStatement] {
  const { jobs } = table;
  const due = `state = '${state}' and due_at <= ${now}`;
  return [
    { sql: `select distinct pipeline from ${jobs} where ${due}` },
    {
      // What a transaction of the application's holds is passed over: it must not hold up everyone's time. The indexes
      // and the order of the join are named for the same reason as in a claim.
      sql: `update (
  select id from ${jobs} force index (${table.index('due')}) where ${due}
  order by due_at limit ${limit} for update skip locked
) d straight_join ${jobs} j force index (primary) on j.id = d.id
set j.timeouts = j.timeouts + ${state === 'reserved' ? 1 : 0}, j.state = 'ready', j.due_at = null, j.token = null`,
    },
  ];
}
