import type { SqlDialect } from '../engine/dialect';

/** Which of the pipelines has the most urgent ready job; each one's first is found by the claim's index. */
export async function mostUrgentPipeline(
  dialect: SqlDialect,
  pipelines: readonly string[],
): Promise<string | undefined> {
  const { jobs, pauses } = dialect.table;
  const firsts = pipelines.map(
    (_, index) => `select * from (
  select pipeline, priority, id from ${jobs} where pipeline = ? and state = 'ready'
    and not exists (select 1 from ${pauses} where pipeline = ? and paused_until > ${dialect.now})
  order by priority, id limit 1) first_${index}`,
  );
  const [first] = await dialect.db.rows<{ pipeline: string }>(
    `select pipeline from (${firsts.join(' union all ')}) firsts order by priority, id limit 1`,
    pipelines.flatMap((pipeline) => [pipeline, pipeline]),
  );
  return first?.pipeline;
}
