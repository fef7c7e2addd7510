import type { RestingState } from '../../../core/contract/job-data';
import type { JobTable } from '../layouts/job-table';

/** What a kick takes jobs from; ready is where it puts them. */
export type KickedState = 'buried' | 'delayed';

/** What a kick sets. */
export const KICK = `state = 'ready', due_at = null, reason = null, kicks = kicks + 1`;

/** Its parameter is the pipeline. The state stands in the text, because partial indexes serve some. */
export function clearStatement({ jobs }: JobTable, state: RestingState): string {
  return `delete from ${jobs} where pipeline = ? and state = '${state}'`;
}
