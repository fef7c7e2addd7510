import { checkedDuration, checkedInteger } from '../checks/checks';
import type { Duration } from '../checks/duration';
import { checkedOptions, type OptionNames } from '../checks/options';
import { InvalidJobOptionError } from '../contract/errors';
import type { Seconds } from '../contract/job-data';
import { type BuriedLimit, CANCELLED_STAYS, type KeepRule } from '../contract/ports/history';

/**
 * For how long: a duration, `'forever'`, or an object with `for`, and with `count` for the newest so many of the
 * pipeline. With both, a job goes at whichever comes first.
 */
export type KeepTime = Duration | 'forever' | KeepLimit;

export interface KeepLimit {
  readonly for?: Duration | 'forever';
  readonly count?: number;
}

/** What is kept of jobs whose work is over. */
export interface KeepOptions {
  /** Jobs whose handler resolved, and those that were called off. `false`: none, whatever a farther level says. @default false */
  readonly completed?: KeepTime | false;
  /** Buried jobs: they go after that time, or when newer ones are that many. @default 'forever' */
  readonly buried?: KeepTime;
}

/** How one job is kept when it is completed, or called off. */
export type JobKeepOptions = Pick<KeepOptions, 'completed'>;

/** The same, checked. */
export interface CheckedKeep {
  readonly completed?: KeepRule;
  readonly buried?: BuriedLimit;
}

const KEEP: OptionNames<KeepOptions> = { completed: true, buried: true };
const TIME: OptionNames<KeepLimit> = { for: true, count: true };
const SHORTEST: Seconds = 1;

/** @throws {InvalidJobOptionError} */
export function checkedKeep(given: KeepOptions = {}): CheckedKeep {
  const { completed, buried } = checkedOptions(given, KEEP, 'keep');
  const limit = buried === undefined ? undefined : limitOf('keep.buried', buried);
  const { for: time = Infinity, most } = limit ?? {};
  return {
    ...(completed !== undefined && completed !== false && { completed: completedOf(completed) }),
    ...(limit &&
      (time !== Infinity || most !== undefined) && {
        buried: { ...(time !== Infinity && { for: time }), ...(most !== undefined && { most }) },
      }),
  };
}

/**
 * Of a single job, as it is stored; undefined where it says that nothing is kept.
 *
 * @throws {InvalidJobOptionError}
 */
export function checkedJobKeep(given: JobKeepOptions): StoredKeep {
  const { completed, buried } = checkedOptions(given as KeepOptions, KEEP, 'keep');
  if (buried !== undefined) {
    throw new InvalidJobOptionError(
      'keep.buried is not a job’s own: give it to the processor of the pipeline, whose buried jobs it is about',
    );
  }
  return completed === undefined || completed === false ? {} : storedKeep(completedOf(completed));
}

/** In a job's own options and beside its pipeline, as JSON; without `for` nothing is kept. */
export interface StoredKeep {
  readonly for?: Seconds | null;
  readonly most?: number;
}

export function storedKeep({ for: time, most }: KeepRule): StoredKeep {
  return { for: time === Infinity ? null : time, ...(most !== undefined && { most }) };
}

/** The rule of a job with these options of its own, in a pipeline with that rule; undefined where it is not kept. */
export function keepOf(retry: string | undefined, ofPipeline: KeepRule | undefined): KeepRule | undefined {
  if (!retry?.includes('"keep"')) return ofPipeline;
  try {
    const { keep } = JSON.parse(retry) as { keep?: unknown };
    return keep === undefined ? ofPipeline : keepOfStored(keep);
  } catch {
    // Another program wrote nonsense into the table.
    return ofPipeline;
  }
}

/** How a job is kept that is called off, where that is how it would be kept when it is completed. */
export function cancelledKeep(rule: KeepRule | undefined): KeepRule {
  return { ...rule, for: Math.max(CANCELLED_STAYS, rule?.for ?? 0) };
}

export function keepOfStoredText(text: string | null): KeepRule | undefined {
  if (text === null) return undefined;
  try {
    return keepOfStored(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Another program may have stored anything. */
export function keepOfStored(stored: unknown): KeepRule | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const { for: time, most } = stored as { for?: unknown; most?: unknown };
  const number = Number.isInteger(most) && (most as number) > 0 ? { most: most as number } : {};
  if (time === null) return { for: Infinity, ...number };
  return typeof time === 'number' && time > 0 ? { for: time, ...number } : undefined;
}

function completedOf(given: KeepTime): KeepRule {
  const { for: time = Infinity, most } = limitOf('keep.completed', given);
  return { for: time, ...(most !== undefined && { most }) };
}

function limitOf(option: string, given: KeepTime): BuriedLimit {
  if (typeof given !== 'object') return { for: timeOf(option, given) };
  const { for: time, count } = checkedOptions(given, TIME, option);
  if (time === undefined && count === undefined)
    throw new InvalidJobOptionError(`${option} needs for, count or both, as { for: '7d', count: 1000 }`);
  return {
    ...(time !== undefined && { for: timeOf(`${option}.for`, time) }),
    ...(count !== undefined && { most: checkedInteger(`${option}.count`, count, 1) }),
  };
}

function timeOf(option: string, time: Duration | 'forever'): Seconds {
  return time === 'forever' ? Infinity : checkedDuration(option, time, SHORTEST);
}
