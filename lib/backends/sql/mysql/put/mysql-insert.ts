import { milliseconds } from '../../../../core/checks/checks';
import type { NewRow, SqlDialect } from '../../engine/dialect';
import type { ScriptStatement } from '../connection/script-executor';

/** One statement for all rows; their number of parameters differs. */
export function mysqlInsert(
  { table, now }: Pick<SqlDialect, 'table' | 'now'>,
  rows: readonly NewRow[],
  /** SQL for a payload. */
  payload: string,
): Required<ScriptStatement> {
  const headed = rows.some(({ headers }) => headers !== undefined);
  // Either all rows have unique keys or none.
  const keyed = rows[0]?.unique !== undefined;
  const columns = `${headed ? ', headers' : ''}${keyed ? ', unique_key' : ''}`;
  const end = `${now}${headed ? ', ?' : ''}${keyed ? ', ?' : ''}`;
  const values = rows.map((row) =>
    row.delay > 0
      ? `(?, ${payload}, ?, ?, ?, 'delayed', ${now} + ?, ${end})`
      : `(?, ${payload}, ?, ?, ?, 'ready', null, ${end})`,
  );
  return {
    sql: `insert into ${table.jobs} (pipeline, payload, priority, ttr_ms, retry, state, due_at, added_at${columns}) values ${values.join(', ')}`,
    parameters: rows.flatMap((row) => [
      row.pipeline,
      row.payload,
      row.priority,
      milliseconds(row.ttr),
      row.retry ?? null,
      ...(row.delay > 0 ? [milliseconds(row.delay)] : []),
      ...(headed ? [row.headers ?? null] : []),
      ...(row.unique ? [row.unique.key] : []),
    ]),
  };
}
