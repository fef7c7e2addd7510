import type { JobId, NewJob } from '../../../core/contract/job-data';
import type { NewSchedule } from '../../../core/contract/ports/schedules';
import { jobOfSlot } from '../../../core/schedule/slot-headers';
import { firing } from '../../../core/schedule/slots';
import type { MemoryJob } from '../memory-job';

/** How many jobs one schedule adds before others have their turn. */
const PIECE = 1_000;

/** A schedule as the memory backend keeps it. Moments are milliseconds since 1970. */
export interface MemorySchedule {
  readonly schedule: NewSchedule;
  readonly paused: boolean;
  readonly next: number | undefined;
  readonly last: number | undefined;
  /** Without overlap: its last job. */
  readonly job?: JobId | undefined;
  /** When the code announced it last. */
  readonly seenAt: number;
}

/** Where its jobs go. */
interface Jobs {
  add(pipeline: string, job: NewJob): JobId;
  find(id: JobId): MemoryJob | undefined;
}

/** Adds the jobs of its slots that are due, as far as a piece goes. */
export function fired(jobs: Jobs, schedule: MemorySchedule, now: number): MemorySchedule {
  if (schedule.next === undefined || schedule.next > now) return schedule;
  const { slots, next } = firing(schedule.schedule, schedule.next, now, PIECE);
  let after: MemorySchedule = { ...schedule, next };
  for (const slot of slots) {
    if (waitingJob(jobs, after) === undefined)
      after = { ...after, last: slot, job: addJob(jobs, after, slot) };
  }
  return after;
}

/** Without overlap: the last job, as long as it waits or runs. */
export function waitingJob(jobs: Jobs, { schedule, job }: MemorySchedule): JobId | undefined {
  const last = schedule.overlap || job === undefined ? undefined : jobs.find(job);
  return last && last.state !== 'buried' ? last.id : undefined;
}

export function addJob(jobs: Jobs, { schedule }: MemorySchedule, slot: number): JobId {
  return jobs.add(schedule.pipeline, jobOfSlot(schedule, slot));
}
