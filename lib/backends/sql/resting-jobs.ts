import type { JobTable } from './job-table';

/** What a kick takes jobs from; the other resting state is where it puts them. */
export type KickedState = 'buried' | 'delayed';

/** What a kick sets. */
export const KICK = `state = 'ready', due_at = null, reason = null, kicks = kicks + 1`;

/**
 * Parameters: pipeline, state, limit, state. The state is asked for twice, because another kick may have been first
 * while this one waited for the row.
 */
export function kickStatement({ jobs }: JobTable): string {
  return `update ${jobs} set ${KICK} where id in (
  select id from ${jobs} where pipeline = ? and state = ? order by due_at, id limit ?) and state = ?`;
}

/** Parameters: pipeline, state. */
export function clearStatement({ jobs }: JobTable): string {
  return `delete from ${jobs} where pipeline = ? and state = ?`;
}
