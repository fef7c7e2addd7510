import type { JobId, Leased, Seconds } from '../job-data';

/** The most bytes of a job's progress, as stored text. */
export const MOST_PROGRESS = 65_536;
/** The newest lines of a job that stay. */
export const MOST_LINES = 1_000;
/** The most UTF-16 units of a line. */
export const LONGEST_LOG_LINE = 4_096;
/** What `after` of a page of lines has to be. */
export const LINE_ID = 'the id of a line that logs() has returned';

/** What a running job has said, as it is to be stored. */
export interface JournalEntry {
  readonly job: Leased;
  /** Takes the place of the progress that is stored. */
  readonly progress?: string;
  /** Come after those that are stored. */
  readonly lines?: readonly NewLogLine[];
}

export interface NewLogLine {
  readonly text: string;
  /** How long ago it was said: the time of a line is the backend's. */
  readonly age: Seconds;
}

/** How far a job is. */
export interface Progress {
  readonly value: string;
  /** When it was written, by the backend's clock. */
  readonly at: Date;
}

/** A line of a job's log. */
export interface LogLine {
  /** To read on after it. */
  readonly id: string;
  /** The attempt that said it. */
  readonly attempt: number;
  readonly text: string;
  /** When it was said, by the backend's clock. */
  readonly at: Date;
}

/** Which lines of a log to read, the oldest first. */
export interface LogPage {
  /** The id of the last line that is known. */
  readonly after?: string | undefined;
  /** At least 1. */
  readonly limit: number;
}

/**
 * What jobs say while they run: how far they are, and lines of a log (SQL and memory; beanstalkd has no place for it). It
 * is written by `Leases.note`, read here by anyone, and is there as long as its job is, or as the job is kept. The newest
 * 1,000 lines of a job stay.
 */
export interface Journal {
  /** Undefined when the job has said nothing, and when there is no such job. */
  progress(id: JobId): Promise<Progress | undefined>;
  lines(id: JobId, page: LogPage): Promise<LogLine[]>;
}
