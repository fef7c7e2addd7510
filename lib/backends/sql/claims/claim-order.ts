import type { JobId } from '../../../core/contract/job-data';

/** A place in the order in which a pipeline's jobs are claimed. */
export interface ClaimOrder {
  readonly priority: number;
  readonly id: JobId;
}

export function isBefore(one: ClaimOrder, other: ClaimOrder): boolean {
  return one.priority === other.priority ? isSmaller(one.id, other.id) : one.priority < other.priority;
}

/** As numbers, of which JavaScript cannot hold the largest exactly. */
function isSmaller(one: JobId, other: JobId): boolean {
  return one.length === other.length ? one < other : one.length < other.length;
}
