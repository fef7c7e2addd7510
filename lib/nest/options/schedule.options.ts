import { checkedOptions, type OptionNames } from '../../core/checks/options';
import { JOB_OPTIONS, type JobOptions } from '../../core/policy/job-options';
import type { ScheduleTiming } from '../../core/schedule/schedule';
import type { PipelineDefinition } from '../pipelines/pipeline-definition';
import { HANDLER_OPTIONS, type HandlerOptions } from './handler.options';

/** A schedule that stands at its handler: `@Process('report', { cron: '0 3 * * *' })`. Its name is the pipeline's. */
export interface HandlerSchedule<T = unknown> extends ScheduleTiming {
  /** Of the scheduled jobs; 0 (most urgent) … 4294967295. @default 1024 */
  readonly priority?: number;
  /**
   * Of the scheduled jobs. A function gets the slot, and is called when the job starts, by the process that runs it.
   *
   * @default null
   */
  readonly payload?: Known<T> | ((slot: Date) => T);
}

/** Not `unknown`, beside which the compiler would forget what the function gets. */
type Known<T> = unknown extends T ? object | string | number | boolean | null : T;

/** In which transaction a schedule is changed. */
export interface ScheduleTransactionOptions {
  /**
   * As `transaction` of `addJob`: the change holds if and when it commits, and until then nobody sees it. SQL backends
   * only. `null`: outside of any transaction, whatever the module option `currentTransaction` returns.
   *
   * @throws {InvalidJobOptionError} when none is under way in it, or it is of another database: nothing was changed
   * @example
   * await prisma.$transaction(async (transaction) => {
   *   await transaction.tenant.delete({ where: { id } });
   *   await queue.schedules.remove(`report-${id}`, { transaction });
   * });
   */
  readonly transaction?: object | null;
  /** The same, as TypeORM's users know it. Give one of the two. */
  readonly manager?: object | null;
}

/** A schedule of `queue.schedules`. */
export interface ScheduleOptions<T = unknown>
  extends
    ScheduleTiming,
    ScheduleTransactionOptions,
    Pick<JobOptions, 'priority' | 'ttr' | 'attempts' | 'backoff'> {
  /** Where the jobs go. */
  readonly pipeline: string | PipelineDefinition<unknown, T>;
  /** Of every job. @default null */
  readonly payload?: T;
}

const TIMING: OptionNames<ScheduleTiming> = {
  cron: true,
  every: true,
  timeZone: true,
  missed: true,
  overlap: true,
};
const { priority, ttr, attempts, backoff } = JOB_OPTIONS;

export const HANDLER_SCHEDULE: OptionNames<HandlerSchedule> = { ...TIMING, priority: true, payload: true };
export const SCHEDULE_TRANSACTION: OptionNames<ScheduleTransactionOptions> = {
  transaction: true,
  manager: true,
};
export const SCHEDULE_OPTIONS: OptionNames<ScheduleOptions> = {
  ...TIMING,
  ...SCHEDULE_TRANSACTION,
  priority,
  ttr,
  attempts,
  backoff,
  pipeline: true,
  payload: true,
};

/** All that `@Process()` takes beside its pipeline. */
export type ProcessSettings = HandlerOptions & HandlerSchedule;

const PROCESS_SETTINGS: OptionNames<ProcessSettings> = { ...HANDLER_OPTIONS, ...HANDLER_SCHEDULE };

/**
 * Takes the options of a decorator apart.
 *
 * @throws InvalidJobOptionError for a name that is neither's
 */
export function withoutSchedule(given: ProcessSettings): {
  options: HandlerOptions;
  schedule?: HandlerSchedule;
} {
  const entries = Object.entries(checkedOptions(given, PROCESS_SETTINGS));
  const own = entries.filter(([name]) => Object.hasOwn(HANDLER_SCHEDULE, name));
  const options = Object.fromEntries(entries.filter((entry) => !own.includes(entry)));
  return own.length === 0 ? { options } : { options, schedule: Object.fromEntries(own) };
}
