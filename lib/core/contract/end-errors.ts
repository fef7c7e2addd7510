import { branded } from '../checks/brand';
import { cut, lineOf } from '../checks/text';
import { JobQueueError } from './errors';

/** The longest that a message shows of an id; a unique key has 255 characters. */
const LONGEST_ID = 300;

/* What those meet who wait for the ends of jobs, or read them. */

/** The job that is waited for is buried: its handler has failed for good, or somebody has set it aside. */
export class JobFailedError extends JobQueueError {
  constructor(
    readonly jobId: string,
    readonly attempts: number,
    /** Why it is buried: of an error its name, message and stack. */
    readonly reason?: string,
  ) {
    super(
      'JOB_FAILED',
      `Job ${jobId} is buried after ${attempts} attempts: ${reason === undefined ? 'no reason was given' : lineOf(reason)}`,
    );
  }
}

/** The job that is waited for is neither there nor kept. */
export class JobGoneError extends JobQueueError {
  constructor(readonly jobId: string) {
    super(
      'JOB_GONE',
      `Job ${named(jobId)} is neither there nor kept: it was deleted, or it is completed and its pipeline does not keep it (option keep) or no longer does, or it is a job of another queue.`,
    );
  }
}

/** The job has not ended within the time that a call waits for it; it goes on. */
export class JobWaitTimeoutError extends JobQueueError {
  /** With a cause, the backend did not answer at last. */
  constructor(
    readonly jobId: string,
    timeout: number,
    options?: ErrorOptions,
  ) {
    super(
      'WAIT_TIMEOUT',
      `Job ${named(jobId)} has not ended within ${timeout} s. It goes on: wait again, or call it off with cancelJob.`,
      options,
    );
  }
}

/** An id that a caller gives may be any text. */
function named(jobId: string): string {
  return cut(jobId, LONGEST_ID);
}

/** Events that a reader has not read are no longer kept. Nothing that it can still read has been read. */
export class EventsGoneError extends JobQueueError {
  /** The cursor from which reading can go on. */
  readonly next: string;

  constructor(pipeline: string, after: string, next: string) {
    super('EVENTS_GONE', `Events of ${pipeline} after ${after} are gone: read on after ${next}, error.next.`);
    this.next = next;
  }
}

branded('EventsGoneError', EventsGoneError);
branded('JobFailedError', JobFailedError);
branded('JobGoneError', JobGoneError);
branded('JobWaitTimeoutError', JobWaitTimeoutError);
