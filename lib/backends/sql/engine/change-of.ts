import type { Settlement } from '../../../core/contract/leases';
import { failureText } from '../history/failed-attempts';
import type { JournalHold } from '../journal/lease-journal';
import type { Change } from './dialect';

/** How a settlement that keeps the row changes it. */
export function changeOf({ id, token, job }: JournalHold, settlement: Settlement): Change {
  if (settlement.outcome === 'delete') throw new TypeError('a deletion changes no row');
  const { priority = job.priority, reason, ran = 0 } = settlement;
  const failure = reason === undefined ? null : failureText(job.attempt, reason, ran);
  if (settlement.outcome === 'bury') {
    // PostgreSQL's text holds no NUL, and an error's message may.
    return {
      id,
      token,
      pipeline: job.pipeline,
      state: 'buried',
      delay: 0,
      priority,
      ended: 1,
      reason: reason?.replaceAll('\0', '') ?? null,
      failure,
    };
  }
  return {
    id,
    token,
    pipeline: job.pipeline,
    state: settlement.delay > 0 ? 'delayed' : 'ready',
    delay: settlement.delay,
    priority,
    ended: settlement.planned ? 0 : 1,
    reason: null,
    failure: settlement.planned ? null : failure,
  };
}
