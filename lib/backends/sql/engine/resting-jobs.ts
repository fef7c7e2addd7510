import type { RestingState } from '../../../core/contract/job-data';
import type { JobTable } from '../layouts/job-table';

/** What a kick takes jobs from; ready is where it puts them. */
export type KickedState = 'buried' | 'delayed';

/**
 * The most that a counter is before it is raised: a row that somebody else has added with the greatest integer must not
 * fail the statement that moves it, and with it all others.
 */
export const MOST = 2_147_483_646;

/** What a kick sets. */
export const KICK = `state = 'ready', due_at = null, reason = null, kicks = case when kicks > ${MOST} then kicks else kicks + 1 end`;

/** Its parameter is the pipeline. The state stands in the text, because partial indexes serve some. */
export function clearStatement({ jobs }: JobTable, state: RestingState): string {
  return `delete from ${jobs} where pipeline = ? and state = '${state}'`;
}
