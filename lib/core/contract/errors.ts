import { branded } from '../checks/brand';
import { shown } from '../checks/text';

export { shown } from '../checks/text';

/*
 * Every error that the library throws has a stable `code`, and a message that says what is wrong, with which
 * value, and what to do. `docs/errors.md` lists them all. A driver's error is only ever the `cause`.
 */

export type JobQueueErrorCode =
  | 'INVALID_PIPELINE_NAME'
  | 'INVALID_JOB_OPTION'
  | 'INVALID_SCHEDULE'
  | 'INVALID_CONFIGURATION'
  | 'INVALID_PAYLOAD'
  | 'INVALID_RESULT'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNDECODABLE_PAYLOAD'
  | 'INVALID_CONTEXT'
  | 'PUT_INCOMPLETE'
  | 'MISSING_DRIVER'
  | 'MISSING_PACKAGE'
  | 'BACKEND_UNAVAILABLE'
  | 'BACKEND_REFUSED'
  | 'BACKEND_CLOSED'
  | 'UNSUPPORTED_SERVER'
  | 'UNSUPPORTED_BY_BACKEND'
  | 'SCHEMA_MISMATCH'
  | 'RESERVATION_LOST'
  | 'JOB_CANCELLED'
  | 'EVENTS_GONE'
  | 'JOB_FAILED'
  | 'JOB_GONE'
  | 'WAIT_TIMEOUT'
  | 'HANDLER_TIMEOUT'
  | 'WORKER_STOPPED'
  | 'PROCESSOR_MISCONFIGURED';

export class JobQueueError extends Error {
  constructor(
    readonly code: JobQueueErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A pipeline name outside beanstalkd's rule, on every backend alike. */
export class InvalidPipelineNameError extends JobQueueError {
  constructor(name: unknown) {
    super(
      'INVALID_PIPELINE_NAME',
      `${shown(name)} is not a valid pipeline name: use 1 to 200 of A-Z a-z 0-9 - + / ; . $ _ ( ), not beginning with "-".`,
    );
  }
}

/** A priority, delay, ttr, limit or duration out of its range or of the wrong kind, or an option that does not exist. */
export class InvalidJobOptionError extends JobQueueError {
  constructor(problem: string) {
    super('INVALID_JOB_OPTION', problem);
  }
}

/** The error of an option that has the wrong value: `priority must be an integer from 0 to 4294967295, got 12.5`. */
export function mustBe(option: string, rule: string, value: unknown): InvalidJobOptionError {
  return new InvalidJobOptionError(`${option} must be ${rule}, got ${shown(value)}`);
}

/** A cron text, time zone, length of time or name that no schedule can have. Nothing was stored. */
export class InvalidScheduleError extends JobQueueError {
  constructor(problem: string, options?: ErrorOptions) {
    super('INVALID_SCHEDULE', problem, options);
  }
}

/** A wrong option, URL, path or name in the configuration: retrying cannot help. */
export class InvalidConfigurationError extends JobQueueError {
  constructor(message: string, options?: ErrorOptions) {
    super('INVALID_CONFIGURATION', message, options);
  }
}

/** Why a schema refuses a payload. */
export interface PayloadIssue {
  /** Where, as `order.items.0`; empty for the payload itself. */
  readonly path: string;
  readonly message: string;
}

/**
 * A payload that the codec cannot turn into text without losing something, or that the pipeline's schema refuses.
 * Nothing was stored.
 */
export class InvalidPayloadError extends JobQueueError {
  /** The schema's, if it is that. */
  readonly issues: readonly PayloadIssue[];

  constructor(
    readonly problem: string,
    { issues = [], ...options }: ErrorOptions & { issues?: readonly PayloadIssue[] } = {},
  ) {
    super('INVALID_PAYLOAD', `The payload is not accepted: ${problem}.`, options);
    this.issues = issues;
  }
}

/**
 * What a handler returned cannot be kept: its job is completed all the same, and kept with this in its place. Or what is
 * kept cannot be decoded.
 */
export class InvalidResultError extends JobQueueError {
  constructor(
    readonly jobId: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super('INVALID_RESULT', `The result of job ${jobId} ${problem}.`, options);
  }
}

export class PayloadTooLargeError extends JobQueueError {
  constructor(
    readonly bytes: number,
    readonly limit: number,
    whose: string,
  ) {
    super(
      'PAYLOAD_TOO_LARGE',
      `The payload has ${bytes} bytes, ${whose} allows ${limit}. Store the data elsewhere and add its key, or raise the limit.`,
    );
  }
}

/** A stored payload that the codec cannot read; its job is buried with this as the reason. */
export class UndecodablePayloadError extends JobQueueError {
  constructor(
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super('UNDECODABLE_PAYLOAD', `The payload cannot be decoded: ${problem}.`, options);
  }
}

/**
 * The module's option `context` cannot do its work: what `capture` returns cannot be stored, and then no job was; or `run`
 * has not run its handler.
 */
export class InvalidContextError extends JobQueueError {
  constructor(problem: string, options?: ErrorOptions) {
    super('INVALID_CONTEXT', `The context of jobs cannot be used: ${problem}.`, options);
  }
}

/** Some of several jobs were stored before the backend failed: the first `stored` of them. */
export class PutIncompleteError extends JobQueueError {
  constructor(
    readonly stored: readonly string[],
    total: number,
    options: ErrorOptions,
  ) {
    super(
      'PUT_INCOMPLETE',
      `Only the first ${stored.length} of ${total} jobs were stored. Add the others again; error.stored has the ids.`,
      options,
    );
  }
}

/** An optional package that this backend needs is not installed. */
export class MissingDriverError extends JobQueueError {
  constructor(packageName: string, backend: string, options?: ErrorOptions) {
    super(
      'MISSING_DRIVER',
      `The ${backend} backend needs the package "${packageName}", which is not installed: npm install ${packageName}`,
      options,
    );
  }
}

/** An optional package that what was asked for needs. */
export class MissingPackageError extends JobQueueError {
  constructor(packageName: string, user: string, options?: ErrorOptions) {
    super(
      'MISSING_PACKAGE',
      `${user} needs the package "${packageName}", which is not installed: npm install ${packageName}`,
      options,
    );
  }
}

/** The backend cannot be reached or is out of order now; the same call may succeed later. */
export class BackendUnavailableError extends JobQueueError {
  constructor(backend: string, problem: string, options?: ErrorOptions) {
    super('BACKEND_UNAVAILABLE', `The ${backend} backend is not available: ${problem}`, options);
  }
}

/** The backend answered, and its answer is no: wrong credentials, missing rights, a statement it does not take. */
export class BackendRefusedError extends JobQueueError {
  constructor(backend: string, problem: string, options?: ErrorOptions) {
    super('BACKEND_REFUSED', `The ${backend} backend refused: ${problem}`, options);
  }
}

export class BackendClosedError extends JobQueueError {
  constructor(backend: string) {
    super(
      'BACKEND_CLOSED',
      `The ${backend} backend is closed, because its application ends, or was never connected: await connect() before.`,
    );
  }
}

/** The server is too old or of a kind that the backend does not speak. */
export class UnsupportedServerError extends JobQueueError {
  constructor(found: string, needed: string) {
    super('UNSUPPORTED_SERVER', `${found} is not supported: the queue needs ${needed}.`);
  }
}

/** A verb that this backend cannot do. */
export class UnsupportedByBackendError extends JobQueueError {
  constructor(backend: string, verb: string, instead: string) {
    super('UNSUPPORTED_BY_BACKEND', `The ${backend} backend cannot ${verb}: ${instead}.`);
  }
}

/** The queue's table exists with another layout, or is missing where nothing may create it. It was not touched. */
export class SchemaMismatchError extends JobQueueError {
  constructor(table: string, problem: string) {
    super('SCHEMA_MISMATCH', `The table ${table} ${problem}`);
  }
}

/** The job's lease ran out, or the job was settled already: it is no longer ours, and nothing was changed. */
export class ReservationLostError extends JobQueueError {
  /** With a cause, the lease has ended with the connection that held it. */
  constructor(
    readonly jobId: string,
    options?: ErrorOptions,
  ) {
    const why = options?.cause
      ? 'the connection that held it has ended'
      : 'its time to run was over or it was settled already';
    super(
      'RESERVATION_LOST',
      `Job ${jobId} is no longer reserved by us: ${why}. Nothing was changed.`,
      options,
    );
  }
}

/** Somebody has called the job off: it has ended, and what its handler still does settles nothing. */
export class JobCancelledError extends JobQueueError {
  constructor(
    readonly jobId: string,
    /** What whoever did it gave as the reason. */
    readonly reason?: string,
  ) {
    super('JOB_CANCELLED', `Job ${jobId} was cancelled${reason === undefined ? '' : `: ${reason}`}.`);
  }
}

/** The handler took longer than its processor's `timeout`: the attempt has failed. */
export class HandlerTimeoutError extends JobQueueError {
  constructor(timeout: number) {
    super(
      'HANDLER_TIMEOUT',
      `The handler took longer than its timeout of ${timeout} s. Heed job.signal, or raise the timeout.`,
    );
  }
}

/** The worker has to end and waits no longer: the job goes back to the queue, without counting an attempt. */
export class WorkerStoppedError extends JobQueueError {
  constructor() {
    super(
      'WORKER_STOPPED',
      'The worker stops and the time for running jobs is over: the job is given back to the queue.',
    );
  }
}

/** A processor class that cannot work as it is written; the application does not start. */
export class ProcessorMisconfiguredError extends JobQueueError {
  constructor(message: string) {
    super('PROCESSOR_MISCONFIGURED', message);
  }
}

const CLASSES = {
  JobQueueError,
  InvalidPipelineNameError,
  InvalidJobOptionError,
  InvalidScheduleError,
  InvalidConfigurationError,
  InvalidPayloadError,
  InvalidResultError,
  PayloadTooLargeError,
  UndecodablePayloadError,
  InvalidContextError,
  PutIncompleteError,
  MissingDriverError,
  MissingPackageError,
  BackendUnavailableError,
  BackendRefusedError,
  BackendClosedError,
  UnsupportedServerError,
  UnsupportedByBackendError,
  SchemaMismatchError,
  ReservationLostError,
  JobCancelledError,
  HandlerTimeoutError,
  WorkerStoppedError,
  ProcessorMisconfiguredError,
};
for (const [name, type] of Object.entries(CLASSES)) branded(name, type);
