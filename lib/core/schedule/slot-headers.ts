import { read } from '../checks/text';
import type { NewJob, StoredJob } from '../contract/job-data';
import type { NewSchedule } from '../contract/schedules';
import type { Moment } from './slots';

/** Which schedule has added a job, and for which slot. */
export interface Slot {
  readonly schedule: string;
  readonly slot: Date;
}

/** The job of that slot. */
export function jobOfSlot(schedule: NewSchedule, slot: Moment): NewJob {
  const { name, payload, priority, ttr, retry } = schedule;
  return {
    payload,
    priority,
    ttr,
    delay: 0,
    ...(retry !== undefined && { retry }),
    headers: JSON.stringify({ schedule: name, slot }),
  };
}

/** Undefined for a job that no schedule has added. Another program may have written anything there. */
export function slotOf({ headers }: Pick<StoredJob, 'headers'>): Slot | undefined {
  if (headers === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(headers);
  } catch {
    return undefined;
  }
  const schedule = read(parsed, 'schedule');
  const slot = new Date(Number(read(parsed, 'slot')));
  if (typeof schedule !== 'string' || Number.isNaN(slot.getTime())) return undefined;
  return { schedule, slot };
}
