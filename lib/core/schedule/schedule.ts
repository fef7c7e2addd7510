import { checkedBoolean, milliseconds } from '../checks/checks';
import { type Duration, secondsOf } from '../checks/duration';
import { InvalidScheduleError, mustBe, shown } from '../contract/errors';
import type { Missed, ScheduleRule } from '../contract/ports/schedules';
import { cronOf } from './slots';

/** When a schedule adds jobs, as an application says it. */
export interface ScheduleTiming {
  /**
   * Five fields: minute, hour, day of the month, month, weekday; or six, with seconds first. Also `@hourly`, `@daily`,
   * `@weekly`, `@monthly`, `@yearly`. Where both days are restricted, either one suffices.
   */
  readonly cron?: string;
  /** At the multiples of that length since 1970 in UTC, at least one second: `'10m'` is at :00, :10, :20. */
  readonly every?: Duration;
  /** Of the cron text: a name of the IANA time zone database. @default 'UTC' */
  readonly timeZone?: string;
  /**
   * What becomes of slots at which no worker ran: `'once'` adds one job for all of them, `'skip'` none for those that
   * are late by more than a minute, `'all'` one for each. @default 'once'
   */
  readonly missed?: Missed;
  /** `false`: a slot adds no job while the job of an earlier slot waits or runs. @default true */
  readonly overlap?: boolean;
}

const LONGEST_NAME = 200;
/** What the column of every database holds. */
const LONGEST_TEXT = 255;
const LONGEST_EVERY = 4_294_967_295;
const MISSED: readonly Missed[] = ['once', 'skip', 'all'];
const NICKNAMES = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'];
const FIELDS =
  'five fields (minute, hour, day of the month, month, weekday), six with seconds first, or @hourly, @daily, @weekly, @monthly, @yearly';

/**
 * Checks what is said of the time; it has `cron` or `every` from then on.
 *
 * @throws InvalidScheduleError, InvalidJobOptionError
 */
export function checkedTiming(
  timing: ScheduleTiming,
): ScheduleRule & { readonly missed: Missed; readonly overlap: boolean } {
  const { missed = 'once', overlap = true } = timing;
  if (!MISSED.includes(missed)) throw mustBe('missed', `one of ${MISSED.join(', ')}`, missed);
  return { ...checkedRule(timing), missed, overlap: checkedBoolean('overlap', overlap) };
}

/** @throws InvalidScheduleError */
export function checkedScheduleName(name: unknown): string {
  // Neither control characters nor halves of letters, which no database keeps.
  if (
    typeof name === 'string' &&
    name === name.trim() &&
    new RegExp(`^\\P{C}{1,${LONGEST_NAME}}$`, 'u').test(name)
  )
    return name;
  throw new InvalidScheduleError(
    `${shown(name)} is no name of a schedule: use 1 to ${LONGEST_NAME} characters, without control characters and without spaces at the ends.`,
  );
}

function checkedRule({ cron, every, timeZone }: ScheduleTiming): ScheduleRule {
  if (cron !== undefined && every !== undefined)
    throw new InvalidScheduleError(
      `A schedule has either cron or every, got cron ${shown(cron)} and every ${shown(every)}: leave one out.`,
    );
  // Not `??`: the null of a user who has no time zone yet must not become UTC in silence.
  if (cron !== undefined)
    return checkedCron(cron, checkedTimeZone(timeZone === undefined ? 'UTC' : timeZone));
  if (every === undefined)
    throw new InvalidScheduleError(
      `A schedule needs cron, as '0 3 * * *', or every, as '10m', to know when to add jobs.`,
    );
  if (timeZone !== undefined)
    throw new InvalidScheduleError(
      `timeZone ${shown(timeZone)} says nothing beside every ${shown(every)}, which counts from 1970 in UTC: leave it out, or use cron.`,
    );
  const seconds = secondsOf(every) ?? 0;
  if (seconds >= 1 && seconds <= LONGEST_EVERY)
    return { every: milliseconds(seconds) / 1000, timeZone: 'UTC' };
  throw new InvalidScheduleError(
    `every must be a duration of 1 to ${LONGEST_EVERY} seconds, as 600 or '10m', got ${shown(every)}.`,
  );
}

function checkedCron(cron: unknown, timeZone: string): ScheduleRule {
  if (typeof cron !== 'string' || !hasShape(cron))
    throw new InvalidScheduleError(`cron must be ${FIELDS}, got ${shown(cron)}.`);
  const rule = { cron: cron.trim(), timeZone };
  let next: Date | null;
  try {
    next = cronOf(rule).nextRun();
  } catch (cause) {
    // The reader's own words name the field.
    const why = cause instanceof Error ? ` (${cause.message})` : '';
    throw new InvalidScheduleError(`cron must be ${FIELDS}, got ${shown(cron)}${why}.`, { cause });
  }
  if (next) return rule;
  throw new InvalidScheduleError(
    `The cron text ${shown(cron)} never fires: no moment fits all of its fields. Correct the day or the month.`,
  );
}

/** Of the fields alone, because a date by itself would be a text of cron's reader, too. */
function hasShape(cron: string): boolean {
  const fields = cron.trim().split(/\s+/);
  if (cron.length > LONGEST_TEXT) return false;
  return fields.length === 5 || fields.length === 6 || NICKNAMES.includes(cron.trim().toLowerCase());
}

function checkedTimeZone(timeZone: unknown): string {
  if (typeof timeZone === 'string' && timeZone.length <= LONGEST_TEXT && isTimeZone(timeZone))
    return timeZone;
  throw new InvalidScheduleError(
    `timeZone must be a name of the IANA time zone database, as 'Europe/Berlin' or 'UTC', got ${shown(timeZone)}.`,
  );
}

function isTimeZone(name: string): boolean {
  // Not every version of Node.js takes '+09:00', and another process may run another one.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}
