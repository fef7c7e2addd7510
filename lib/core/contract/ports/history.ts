import type { FailedAttempt } from '../failed-attempt';
import type { JobId, Seconds } from '../job-data';

/** How a job ended that is kept: its handler resolved, or somebody called it off. A buried job has not ended. */
export type EndState = 'completed' | 'cancelled';

export const END_STATES: readonly EndState[] = ['completed', 'cancelled'];

/** For how long an ended job is kept. */
export interface KeepRule {
  /** From its end on; `Infinity` is until somebody deletes it. */
  readonly for: Seconds;
  /** As long as it is one of so many: those of its pipeline that ended last and are kept by the same number. */
  readonly most?: number;
}

/** How a job is kept when it ends. */
export interface Keep extends KeepRule {
  /** What its handler returned, as the codec's text. */
  readonly result?: string;
  /** Why it was called off, or why there is no result although the handler returned one. */
  readonly error?: string;
  /** How long its last run took. */
  readonly ran?: Seconds;
  /** The process that ended it. */
  readonly worker?: string;
}

/** A job that has ended, as it is kept. Moments are the backend's. */
export interface EndedJob {
  readonly id: JobId;
  readonly pipeline: string;
  readonly state: EndState;
  readonly payload: string;
  /** The stored bytes are not UTF-8, so `payload` is not what was stored and must not be decoded. */
  readonly garbled?: true;
  readonly priority: number;
  /** Starts of a handler that came to an end, the last one included. */
  readonly attempts: number;
  /** Those of them that failed, the oldest first, up to 20. */
  readonly failures: readonly FailedAttempt[];
  /** What the handler returned, as the codec's text; absent when that was nothing. */
  readonly result?: string;
  /** Why it was called off, or why there is no result although the handler returned one. */
  readonly error?: string;
  readonly addedAt?: Date;
  /** The start of the last run; absent when it was called off. */
  readonly startedAt?: Date;
  readonly endedAt: Date;
  /** The process that ended it. */
  readonly worker?: string;
  readonly headers?: string;
}

/** What `after` of a page of ended jobs has to be. */
export const HISTORY_PLACE = 'the last job of the page before';

/** The place of a job in a list of its pipeline's ended jobs. */
export type HistoryPlace = Pick<EndedJob, 'id' | 'endedAt'>;

export interface HistoryPage {
  /** Those that ended so; default all. */
  readonly state?: EndState;
  /** The last job of the page before. */
  readonly after?: HistoryPlace;
  /** How many to pass over first; default 0. */
  readonly offset?: number;
  readonly limit: number;
}

/** The kept jobs of a pipeline by how they ended, counted up to a limit. */
export interface EndedCounts extends Readonly<Record<EndState, number>> {
  readonly pipeline: string;
  /** Of which there may be more jobs than were counted. */
  readonly more: readonly EndState[];
}

/**
 * Keeps jobs that have ended (SQL and memory): where a settlement carries `keep`, what deletes the job writes it down, in
 * the same transaction. Jobs whose time is over, and those that are too many, go little by little while leases are open.
 */
export interface History {
  find(id: JobId): Promise<EndedJob | undefined>;
  /** Those of up to 1,000 jobs that are kept, in no particular order, by one statement. */
  several(ids: readonly JobId[]): Promise<EndedJob[]>;
  /** The jobs of the pipeline that ended last come first. */
  list(pipeline: string, page: HistoryPage): Promise<EndedJob[]>;
  /** The names of the pipelines that have kept jobs, sorted by character code. */
  pipelines(): Promise<string[]>;
  /** One result for each of the pipelines, in their order; up to `limit` jobs of each end are counted. */
  count(pipelines: readonly string[], limit: number): Promise<EndedCounts[]>;
  /** Removes a kept job; false when there is none. */
  remove(id: JobId): Promise<boolean>;
  /** Removes all kept jobs of the pipeline that are there now. Returns how many. */
  clear(pipeline: string): Promise<number>;
  /**
   * From now on, while leases are open, deletes buried jobs of the pipeline: those that are buried for longer, and all but
   * so many that were buried last.
   */
  limitBuried(pipeline: string, limit: BuriedLimit): void;
  /**
   * From now on jobs of the pipeline that are called off are kept so, whichever process calls them off; undefined: they
   * are not. A rule of the job's own, the `keep` in its `retry`, comes before. Any is kept for a minute, so that whoever
   * runs it or waits for it hears of it.
   */
  keepCancelled(pipeline: string, rule: KeepRule | undefined): Promise<void>;
}

/** The least time for which a job that was called off is kept. */
export const CANCELLED_STAYS: Seconds = 60;

/** At least one of both. */
export interface BuriedLimit {
  readonly for?: Seconds;
  readonly most?: number;
}
