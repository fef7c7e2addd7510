import type { JobId } from './job-data';

/**
 * Whether it can be the id of a job where jobs are numbered up to `largest`. Anything else names no job, and must
 * not become a part of a command. A number has one spelling, so that no verb knows a job that another one does not.
 */
export function isJobNumber(id: unknown, largest: bigint): id is JobId {
  return typeof id === 'string' && /^(0|[1-9]\d{0,19})$/.test(id) && BigInt(id) <= largest;
}
