import type { JobId } from './job-data';

/**
 * Whether it can be the id of a job where jobs are numbered up to `largest`. Anything else names no job, and must
 * not become a part of a command.
 */
export function isJobNumber(id: unknown, largest: bigint): id is JobId {
  return typeof id === 'string' && /^\d{1,20}$/.test(id) && BigInt(id) <= largest;
}
