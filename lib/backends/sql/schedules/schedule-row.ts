import { milliseconds } from '../../../core/checks/checks';
import type { JobId } from '../../../core/contract/job-data';
import { isJobNumber } from '../../../core/contract/job-id';
import type {
  Missed,
  NewSchedule,
  ScheduleRule,
  ScheduleSnapshot,
  ScheduleSource,
} from '../../../core/contract/ports/schedules';
import { DEFAULT_PRIORITY, DEFAULT_TTR } from '../../../core/policy/job-options';
import { MAX_MOMENT } from '../layouts/job-table';

/** 64-bit numbers come as text from PostgreSQL and MySQL, as numbers from SQLite. */
type BigIntColumn = string | number;

export interface ScheduleRow {
  readonly name: string;
  readonly pipeline: string;
  readonly payload: string | null;
  /** JSON: `StoredOptions`. */
  readonly options: string | null;
  readonly cron: string | null;
  readonly every_ms: BigIntColumn | null;
  readonly time_zone: string;
  readonly missed: string;
  readonly overlap: number;
  readonly next_at: BigIntColumn | null;
  readonly last_at: BigIntColumn | null;
  readonly paused: number;
  readonly source: string;
}

/** Those of a `ScheduleRow`. */
export const SCHEDULE_COLUMNS =
  'name, pipeline, payload, options, cron, every_ms, time_zone, missed, overlap, next_at, last_at, paused, source';

const LARGEST_ID = 2n ** 63n - 1n;

interface StoredOptions {
  readonly priority?: number;
  /** In seconds. */
  readonly ttr?: number;
  /** As a job has it. */
  readonly retry?: string;
  /** As a job has them. */
  readonly headers?: string;
  /** The last job of a schedule without overlap. */
  readonly job?: JobId;
}

/** The columns that `set` writes, in the order of `definitionOf`. */
export const DEFINITION = [
  'pipeline',
  'payload',
  'options',
  'cron',
  'every_ms',
  'time_zone',
  'missed',
  'overlap',
  'source',
];

/** With the last job of the row in whose place it stands. */
export function definitionOf(schedule: NewSchedule, known?: ScheduleRow): unknown[] {
  const { pipeline, payload, priority, ttr, retry, headers } = schedule;
  const { cron, every, timeZone, missed, overlap, source } = schedule;
  const job = known && lastJobOf(known);
  const options: StoredOptions = {
    priority,
    ttr,
    ...(retry !== undefined && { retry }),
    ...(headers !== undefined && { headers }),
    ...(job !== undefined && { job }),
  };
  return [
    pipeline,
    payload,
    JSON.stringify(options),
    cron ?? null,
    every === undefined ? null : milliseconds(every),
    timeZone,
    missed,
    overlap ? 1 : 0,
    source,
  ];
}

export function scheduleOf(row: ScheduleRow): NewSchedule {
  const { priority = DEFAULT_PRIORITY, ttr = DEFAULT_TTR, retry, headers } = optionsOf(row);
  return {
    name: row.name,
    pipeline: row.pipeline,
    payload: row.payload ?? 'null',
    priority,
    ttr,
    ...(retry !== undefined && { retry }),
    ...(headers !== undefined && { headers }),
    ...ruleOf(row),
    missed: row.missed as Missed,
    overlap: row.overlap !== 0,
    source: row.source as ScheduleSource,
  };
}

export function snapshotOf(row: ScheduleRow): ScheduleSnapshot {
  return {
    ...scheduleOf(row),
    paused: row.paused !== 0,
    ...(row.next_at !== null && { next: dateOf(row.next_at) }),
    ...(row.last_at !== null && { last: dateOf(row.last_at) }),
  };
}

/** The id of the last job of a schedule without overlap. */
export function lastJobOf(row: ScheduleRow): JobId | undefined {
  const { job } = optionsOf(row);
  return isJobNumber(job, LARGEST_ID) ? job : undefined;
}

/** The row's options, with another last job. */
export function optionsWith(row: ScheduleRow, job: JobId): string {
  return JSON.stringify({ ...optionsOf(row), job });
}

export function ruleOf({ cron, every_ms, time_zone }: ScheduleRow): ScheduleRule {
  return {
    ...(cron !== null && { cron }),
    ...(every_ms !== null && { every: Number(every_ms) / 1000 }),
    timeZone: time_zone,
  };
}

/** Another program may have written anything there. */
function optionsOf({ options }: ScheduleRow): StoredOptions {
  try {
    return Object(JSON.parse(options ?? '{}')) as StoredOptions;
  } catch {
    return {};
  }
}

/** A moment that another program wrote may be none. */
function dateOf(moment: BigIntColumn): Date {
  return new Date(Math.max(0, Math.min(Number(moment), MAX_MOMENT)));
}
