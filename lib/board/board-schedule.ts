import type { AppJobScheduler, JobSchedulerRepeatOptions } from '@bull-board/api/typings/app';
import { milliseconds } from '../core/checks/checks';
import type { ScheduleSnapshot } from '../core/contract/ports/schedules';
import type { StoredBackoff } from '../core/policy/backoff';
import type { ScheduleOptions } from '../nest/options/schedule.options';
import type { PayloadView } from './jobs/payload-view';

/** A schedule as bull-board shows it. */
export function bullSchedulerOf(
  schedule: ScheduleSnapshot,
  view: PayloadView,
): Omit<AppJobScheduler, 'queueName'> {
  const { name, cron, every, timeZone, next, last, pipeline, payload } = schedule;
  return {
    id: name,
    name: schedule.paused ? `${name} (paused)` : name,
    ...(cron !== undefined && { pattern: cron, tz: timeZone }),
    ...(every !== undefined && { every: milliseconds(every) }),
    ...(next && { next: next.getTime() }),
    ...(last && { lastRun: last.getTime() }),
    template: {
      data: view.textOf(payload, { id: name, pipeline }),
      opts: {
        missed: schedule.missed,
        overlap: schedule.overlap,
        source: schedule.source,
        ttr: schedule.ttr,
      },
    },
  };
}

/** The schedule with another rule, and all else as it is. */
export function withRule(
  schedule: ScheduleSnapshot,
  { pattern, every, tz }: JobSchedulerRepeatOptions,
  payload: unknown,
): ScheduleOptions & { readonly pipeline: string } {
  const { pipeline, priority, ttr, missed, overlap, retry } = schedule;
  const own =
    retry === undefined ? {} : (JSON.parse(retry) as { attempts?: number; backoff?: StoredBackoff });
  return {
    pipeline,
    payload,
    priority,
    ttr,
    missed,
    overlap,
    ...own,
    ...(pattern !== undefined && { cron: pattern, timeZone: tz ?? schedule.timeZone }),
    ...(every !== undefined && { every: every / 1000 }),
  };
}
