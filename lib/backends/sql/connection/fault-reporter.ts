import { BackendRefusedError, BackendUnavailableError, JobQueueError } from '../../../core/contract/errors';
import { driverErrorOf } from './driver-error';

/** What a failed statement means: try the same again at once, try again later, or stop trying. */
export type Fault = 'conflict' | 'unavailable' | 'refused';

/** How one database tells its faults: by code, never by message. */
export interface FaultCodes {
  readonly conflict: ReadonlySet<unknown>;
  unavailable(code: unknown): boolean;
}

/** Turns a driver's error into one of ours. */
export class FaultReporter {
  constructor(
    private readonly backend: string,
    private readonly codes: FaultCodes,
  ) {}

  faultOf(error: unknown): Fault {
    if (error instanceof JobQueueError) return 'refused';
    const { code, errno } = driverErrorOf(error);
    if (this.codes.conflict.has(code) || this.codes.conflict.has(errno)) return 'conflict';
    return NETWORK_ERRORS.has(code) || this.codes.unavailable(code) ? 'unavailable' : 'refused';
  }

  /** `advice` says what to do about a fault, in a sentence. */
  reported(error: unknown, advice: Partial<Record<Fault, string>> = {}): JobQueueError {
    if (error instanceof JobQueueError) return error;
    const { message, cause } = driverErrorOf(error);
    const fault = this.faultOf(error);
    const problem = advice[fault] === undefined ? message : `${message}. ${advice[fault]}`;
    return fault === 'refused'
      ? new BackendRefusedError(this.backend, problem, { cause })
      : new BackendUnavailableError(this.backend, problem, { cause });
  }
}

const NETWORK_ERRORS = new Set<unknown>([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
