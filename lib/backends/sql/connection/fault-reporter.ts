import { BackendRefusedError, BackendUnavailableError, JobQueueError } from '../../../core/contract/errors';
import { DEADLINE_PASSED } from './deadline';
import { driverErrorOf } from './driver-error';

/** What a failed statement means: try the same again at once, try again later, or stop trying. */
export type Fault = 'conflict' | 'unavailable' | 'refused';

/** How one database tells its faults: by code, never by message. */
export interface FaultCodes {
  readonly conflict: ReadonlySet<unknown>;
  unavailable(code: unknown, errno: unknown): boolean;
  /** Of those, what another connection would meet as well: the server lacks time, disk, memory or connections. */
  everywhere?(code: unknown, errno: unknown): boolean;
}

/** Turns a driver's error into one of ours. */
export class FaultReporter {
  constructor(
    private readonly backend: string,
    private readonly codes: FaultCodes,
  ) {}

  faultOf(error: unknown): Fault {
    if (error instanceof JobQueueError) return 'refused';
    const { code, errno, cause } = driverErrorOf(error);
    if (this.codes.conflict.has(code) || this.codes.conflict.has(errno)) return 'conflict';
    if (NETWORK_ERRORS.has(code)) return 'unavailable';
    // A mistake of ours or of the application's, and no driver's error.
    if (code === undefined && isMistake(cause)) return 'refused';
    return this.codes.unavailable(code, errno) ? 'unavailable' : 'refused';
  }

  /** Whether another connection may do better: this one is broken, or leads to a server that takes no writes. */
  isOfConnection(error: unknown): boolean {
    const { code, errno } = driverErrorOf(error);
    return !this.codes.everywhere?.(code, errno);
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

const MISTAKES = new Set<unknown>(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);

function isMistake(error: unknown): boolean {
  return MISTAKES.has((error as Partial<Error> | null | undefined)?.name);
}

const NETWORK_ERRORS = new Set<unknown>([
  DEADLINE_PASSED,
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  // Prisma's: not reached, timed out, closed, no connection or transaction in time, a conflict of transactions.
  ...['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034'],
]);
