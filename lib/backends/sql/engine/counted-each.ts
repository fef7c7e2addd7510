import type { SqlSession } from '../connection/executor';

/** SQLite takes 500 parts of a union. */
const PIPELINES_A_STATEMENT = 200;

/** What to count of a table's rows: conditions by the name of their number. */
export interface CountedRows<K extends string> {
  readonly table: string;
  readonly conditions: Readonly<Record<K, string>>;
}

/**
 * The rows of each pipeline that meet the conditions, counted up to the limit. An index has to begin with the pipeline and
 * what is in the condition: then no more is read than is counted.
 */
export async function countedEach<K extends string>(
  db: SqlSession,
  { table, conditions }: CountedRows<K>,
  pipelines: readonly string[],
  limit: number,
): Promise<ReadonlyMap<string, Readonly<Record<K, number>>>> {
  const names = Object.keys(conditions) as K[];
  const numbers = names.map(
    (name) =>
      `(select count(*) from (select 1 from ${table} where pipeline = ? and ${conditions[name]} limit ?) ${name}_jobs) as ${name}`,
  );
  const part = `select ? as pipeline, ${numbers.join(', ')}`;
  const found = new Map<string, Record<K, number>>();
  for (let from = 0; from < pipelines.length; from += PIPELINES_A_STATEMENT) {
    const some = pipelines.slice(from, from + PIPELINES_A_STATEMENT);
    const rows = await db.rows<Record<K, number | string> & { pipeline: string }>(
      some.map(() => part).join(' union all '),
      some.flatMap((pipeline) => [pipeline, ...names.flatMap(() => [pipeline, limit])]),
    );
    for (const row of rows) {
      const counts = names.map((name) => [name, Number(row[name])] as const);
      found.set(row.pipeline, Object.fromEntries(counts) as Record<K, number>);
    }
  }
  return found;
}
