import { isPipelineName } from '../../../core/contract/pipeline-name';
import type { JobTable } from '../layouts/job-table';

/** States whose partial index begins with the pipeline: there the names are found by one step into the index for each. */
const INDEXED = ['ready', 'buried'];
/** So many delayed and reserved jobs are read, the next due first. */
const NEAR = 1000;

/** The statements that find the names of pipelines, and do not read all rows for it. */
export type PipelineNames = (table: JobTable) => {
  /** Of those that hold jobs. */
  readonly present: string;
  /** Of those too, but of delayed and reserved jobs the next ones alone are read. */
  readonly near: string;
  /** Of those that have kept jobs. */
  readonly ended: string;
};

/** The index of claims begins with the name, and so does that of kept jobs. */
export const distinctNames: PipelineNames = (table) => ({
  present: `select distinct pipeline from ${table.jobs}`,
  near: `select distinct pipeline from ${table.jobs}`,
  ended: `select distinct pipeline from ${table.side('done')}`,
});

/** For databases whose `distinct` would walk over all entries of an index. */
export const walkedNames =
  (min: string): PipelineNames =>
  (table) => {
    const { jobs } = table;
    const walks = INDEXED.map((state) => walk(min, `${state}_names`, jobs, `state = '${state}'`));
    const names = INDEXED.map((state) => `select pipeline from ${state}_names where pipeline is not null`);
    const resting = `with recursive ${walks.join(', ')}
${names.join(' union ')}`;
    const timed = `select pipeline from ${jobs} where state in ('delayed', 'reserved')`;
    return {
      present: `${resting} union ${timed}`,
      near: `${resting} union select pipeline from (${timed} order by due_at limit ${NEAR}) near_jobs`,
      ended: `with recursive ${walk(min, 'names', table.side('done'))}
select pipeline from names where pipeline is not null`,
    };
  };

/** From one name to the next, a step into an index that begins with the pipeline for each. */
function walk(min: string, name: string, table: string, condition = 'true'): string {
  return `${name}(pipeline) as (
  select ${min}(pipeline) from ${table} where ${condition}
  union all
  select (select ${min}(j.pipeline) from ${table} j where ${condition} and j.pipeline > w.pipeline)
  from ${name} w where w.pipeline is not null)`;
}

/** Sorted. Any program can add a row: one whose pipeline has no possible name belongs to no worker. */
export function namesFound(rows: readonly { readonly pipeline: string }[]): string[] {
  return rows
    .map(({ pipeline }) => pipeline)
    .filter(isPipelineName)
    .sort();
}
