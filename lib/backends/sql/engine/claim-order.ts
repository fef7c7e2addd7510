import type { JobId } from '../../../core/contract/job-data';

/** A place in the order in which a pipeline's jobs are claimed. */
export interface ClaimOrder {
  readonly priority: number;
  readonly id: JobId;
}

export function isBefore(one: ClaimOrder, other: ClaimOrder): boolean {
  return one.priority === other.priority ? Number(one.id) < Number(other.id) : one.priority < other.priority;
}
