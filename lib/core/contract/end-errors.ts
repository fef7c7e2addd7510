import { branded } from '../checks/brand';
import { cut, lineOf, shown } from '../checks/text';
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
      `Job ${jobId} is buried after ${attempts} attempt${attempts === 1 ? '' : 's'}: ${reason === undefined ? 'no reason was given' : lineOf(reason)}`,
    );
  }
}

/** The job that is waited for is neither there nor kept, or no job that has not ended has its unique key. */
export class JobGoneError extends JobQueueError {
  /** Undefined when a unique key was given. */
  readonly jobId: string | undefined;

  constructor(job: string | { readonly unique: unknown }) {
    super(
      'JOB_GONE',
      typeof job === 'string'
        ? `Job ${named(job)} is neither there nor kept: it was deleted, or it is completed and its pipeline does not keep it (option keep) or no longer does, or it is a job of another queue.`
        : `No job has the unique key ${shown(job.unique)}, which leads to a job until that ends: wait for one that may have ended by its id.`,
    );
    this.jobId = typeof job === 'string' ? job : undefined;
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

/** An id that a caller gives may be any text, and one that cannot be seen as well. */
function named(jobId: string): string {
  return /^[\w.:-]+$/.test(jobId) ? cut(jobId, LONGEST_ID) : shown(jobId);
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
