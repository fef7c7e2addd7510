import { headerOf, withHeaders } from '../context/headers';
import type { NewJob, StoredJob } from '../contract/job-data';
import type { NewSchedule } from '../contract/ports/schedules';
import type { Moment } from './slots';

/** Which schedule has added a job, and for which slot. */
export interface Slot {
  readonly schedule: string;
  readonly slot: Date;
}

/** The job of that slot. */
export function jobOfSlot(schedule: NewSchedule, slot: Moment): NewJob {
  const { name, payload, priority, ttr, retry, headers } = schedule;
  return {
    payload,
    priority,
    ttr,
    delay: 0,
    ...(retry !== undefined && { retry }),
    headers: withHeaders(headers, { schedule: name, slot }),
  };
}

/** Undefined for a job that no schedule has added. Another program may have written anything there. */
export function slotOf(job: Pick<StoredJob, 'headers'>): Slot | undefined {
  if (job.headers === undefined) return undefined;
  const schedule = headerOf(job, 'schedule');
  const slot = new Date(Number(headerOf(job, 'slot')));
  if (typeof schedule !== 'string' || Number.isNaN(slot.getTime())) return undefined;
  return { schedule, slot };
}
