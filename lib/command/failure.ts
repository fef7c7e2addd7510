import { JobQueueError, type JobQueueErrorCode } from '../core/contract/errors';

export const DONE = 0;
/** It could not be done, now or at all. */
export const FAILED = 1;
/** What was written cannot be meant. */
export const WRONG_USAGE = 2;

/** The end of a command that could not do what was asked, with what to do about it. */
export class CommandFailure extends Error {
  constructor(
    message: string,
    readonly exitCode: typeof FAILED | typeof WRONG_USAGE = FAILED,
  ) {
    super(message);
  }
}

const MISTAKES: readonly JobQueueErrorCode[] = [
  'INVALID_CONFIGURATION',
  'INVALID_JOB_OPTION',
  'INVALID_PAYLOAD',
  'INVALID_PIPELINE_NAME',
  'INVALID_SCHEDULE',
  'MISSING_DRIVER',
];

/** The exit code of an error that is meant for the reader; undefined for a fault of the program. */
export function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof CommandFailure) return error.exitCode;
  if (!(error instanceof JobQueueError)) return undefined;
  return MISTAKES.includes(error.code) ? WRONG_USAGE : FAILED;
}
