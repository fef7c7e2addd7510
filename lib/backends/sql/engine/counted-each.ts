import type { SqlSession } from '../connection/executor';

/** SQLite takes 500 parts of a union. */
const PIPELINES_A_STATEMENT = 200;

/** How one statement counts for each of several pipelines. */
export interface CountWords {
  /** Delayed and reserved jobs: conditions that an index by time has in order, each alone. */
  readonly timed: readonly string[];
  /** Counts are columns for the pipeline that stands at that place. */
  statement(counts: (place: string) => string, pipelines: number): string;
  /** The limits are those of the counts, in their order. */
  parameters(pipelines: readonly string[], limits: readonly number[]): (string | number)[];
}

/**
 * Planned once for all pipelines: PostgreSQL takes as long to plan a hundred counts, or a union of a hundred names, as to
 * count. `names` makes rows of the names, whose JSON is its parameter.
 */
export const joinedCounts = (names: string): CountWords => ({
  timed: [`state in ('delayed', 'reserved')`],
  statement: (counts) => `select pipeline, ${counts('each_one.pipeline')} from (${names}) each_one`,
  parameters: (pipelines, limits) => [...limits, JSON.stringify(pipelines)],
});

/** For databases where a table that is derived within a row cannot see the row. */
export const unitedCounts: CountWords = {
  timed: [`state = 'delayed'`, `state = 'reserved'`],
  statement: (counts, pipelines) =>
    Array.from({ length: pipelines }, () => `select ? as pipeline, ${counts('?')}`).join(' union all '),
  parameters: (pipelines, limits) =>
    pipelines.flatMap((pipeline) => [pipeline, ...limits.flatMap((limit) => [pipeline, limit])]),
};

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
  { db, words }: { readonly db: SqlSession; readonly words: CountWords },
  { table, conditions }: CountedRows<K>,
  pipelines: readonly string[],
  limit: number,
): Promise<ReadonlyMap<string, Readonly<Record<K, number>>>> {
  const names = Object.keys(conditions) as K[];
  const counts = (place: string) =>
    names
      .map(
        (name) =>
          `(select count(*) from (select 1 from ${table} where pipeline = ${place} and ${conditions[name]} limit ?) ${name}_jobs) as ${name}`,
      )
      .join(', ');
  const limits = names.map(() => limit);
  const found = new Map<string, Record<K, number>>();
  for (let from = 0; from < pipelines.length; from += PIPELINES_A_STATEMENT) {
    const some = pipelines.slice(from, from + PIPELINES_A_STATEMENT);
    const rows = await db.rows<Record<K, number | string> & { pipeline: string }>(
      words.statement(counts, some.length),
      words.parameters(some, limits),
    );
    for (const row of rows) {
      const numbers = names.map((name) => [name, Number(row[name])] as const);
      found.set(row.pipeline, Object.fromEntries(numbers) as Record<K, number>);
    }
  }
  return found;
}
