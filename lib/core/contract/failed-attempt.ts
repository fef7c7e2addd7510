/** An attempt that failed, after which the job was tried again or buried. */
export interface FailedAttempt {
  /** One start of a handler, counted from 1. */
  readonly attempt: number;
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** What the handler threw: name, message and stack, up to 2 KiB. */
  readonly error: string;
}

/** The most failed attempts of a job that are remembered, the last ones. */
export const MOST_FAILURES = 20;
/** The most bytes of what one of them says. */
export const LONGEST_FAILURE = 2048;
