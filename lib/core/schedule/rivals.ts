import { InvalidScheduleError, shown } from '../contract/errors';
import type { ScheduleRule } from '../contract/ports/schedules';

/** Whether both have the same slots, so that the next one stays. */
export function hasSameRule(one: ScheduleRule, other: ScheduleRule): boolean {
  return one.cron === other.cron && one.every === other.every && one.timeZone === other.timeZone;
}

/** The error of an application that takes the name of a schedule that stands at a handler. */
export function takenByCode(name: string): InvalidScheduleError {
  return new InvalidScheduleError(
    `The schedule ${shown(name)} stands at a handler in the code, whose next start would take its place again: change it there, or give this one another name. When it has left the code, remove it first.`,
  );
}
