import type { NewJob, PutResult, Seconds } from '../job-data';

/**
 * When a schedule adds jobs: at the moments of a cron text in its time zone, or at the multiples of a length of time
 * since 1970. Each such moment is a slot. Exactly one of `cron` and `every` is there.
 */
export interface ScheduleRule {
  readonly cron?: string;
  /** At least 1. */
  readonly every?: Seconds;
  /** A name of the IANA time zone database; of no use beside `every`. */
  readonly timeZone: string;
}

/**
 * What becomes of slots at which no process fired: one job for all of them, for the last one; none; or a job for each.
 * `skip` leaves out a slot that is late by more than a minute.
 */
export type Missed = 'once' | 'skip' | 'all';

/** Made by an application that runs, or standing at a handler: the latter goes when no process announces it any more. */
export type ScheduleSource = 'api' | 'code';

/** A schedule as it is handed to a backend, complete and checked. */
export interface NewSchedule
  extends ScheduleRule, Pick<NewJob, 'payload' | 'priority' | 'ttr' | 'retry' | 'headers'> {
  /** 1 to 200 characters. */
  readonly name: string;
  /** Where the jobs go. */
  readonly pipeline: string;
  readonly missed: Missed;
  /** False: a slot adds no job while that of an earlier one waits or runs. */
  readonly overlap: boolean;
  readonly source: ScheduleSource;
}

/** A schedule as a reader finds it. */
export interface ScheduleSnapshot extends NewSchedule {
  readonly paused: boolean;
  /** The slot for which the next job will be added; none while it is paused. */
  readonly next?: Date;
  /** The slot, or the moment of `run`, of the last job that was added. */
  readonly last?: Date;
}

/** What changes schedules, or adds a job of one. */
export interface ScheduleChanges {
  /**
   * Makes the schedule or takes its place. A rule that stays as it was keeps its next slot, so that none is missed; a
   * paused schedule stays paused.
   *
   * @throws {InvalidScheduleError} when the schedule is of the application's and one of the code has its name
   */
  set(schedule: NewSchedule): Promise<void>;
  /** False when there is none of that name. Jobs that were added stay. */
  remove(name: string): Promise<boolean>;
  /** It adds no jobs until it is resumed. False when there is none of that name. */
  pause(name: string): Promise<boolean>;
  /** It goes on with the next slot from now: a pause has no missed ones. False when there is none of that name. */
  resume(name: string): Promise<boolean>;
  /** Adds a job now; the next slot stays. Undefined when there is none of that name. */
  run(name: string): Promise<PutResult | undefined>;
}

/**
 * Schedules: one row each, fired by any process that holds leases (SQL and memory). In one transaction the slots that are due
 * become jobs and the schedule gets its next slot, so each slot has one job, with any number of processes, however they
 * end. A process without leases fires nothing.
 *
 * The jobs carry the schedule's headers, and in them `"schedule": name, "slot": milliseconds since 1970`. Time is the backend's.
 */
export interface Schedules extends ScheduleChanges {
  find(name: string): Promise<ScheduleSnapshot | undefined>;
  /** Sorted by name. */
  list(page: { readonly offset: number; readonly limit: number }): Promise<ScheduleSnapshot[]>;
  /** Says that these schedules of the code are still there. Returns the names of those that are not stored. */
  announce(names: readonly string[]): Promise<string[]>;
  /** Removes the schedules of the code that no process has announced for that long. Returns their names. */
  retire(after: Seconds): Promise<string[]>;
}

/** Changes schedules as a part of the caller's own transaction (SQL). */
export interface ScheduleTransactions {
  /**
   * The changes hold if and when the transaction commits; until then its schedules fire as they were, or wait for the
   * commit. What is no transaction is refused as `CallerTransactions.put` does, at the first change.
   */
  within(transaction: unknown): ScheduleChanges;
}
