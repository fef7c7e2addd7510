import type { JobTable } from '../layouts/job-table';

/** States whose partial index begins with the pipeline: there the names are found by one step into the index for each. */
const INDEXED = ['ready', 'buried', 'blocked'];

/** For databases whose `distinct` would walk over all entries of an index. */
export function pipelineNames({ jobs }: JobTable, min = 'min'): string {
  const walks = INDEXED.map(
    (state) => `${state}_names(pipeline) as (
  select ${min}(pipeline) from ${jobs} where state = '${state}'
  union all
  select (select ${min}(j.pipeline) from ${jobs} j where j.state = '${state}' and j.pipeline > w.pipeline)
  from ${state}_names w where w.pipeline is not null)`,
  );
  const names = INDEXED.map((state) => `select pipeline from ${state}_names where pipeline is not null`);
  return `with recursive ${walks.join(', ')}
${names.join(' union ')} union select pipeline from ${jobs} where state in ('delayed', 'reserved')`;
}
