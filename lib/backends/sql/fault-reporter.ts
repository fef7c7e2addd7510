import { BackendRefusedError, BackendUnavailableError, JobQueueError } from '../../core/errors';

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

  reported(error: unknown): JobQueueError {
    if (error instanceof JobQueueError) return error;
    const { message } = driverErrorOf(error);
    return this.faultOf(error) === 'refused'
      ? new BackendRefusedError(this.backend, message, { cause: error })
      : new BackendUnavailableError(this.backend, message, { cause: error });
  }
}

interface DriverError {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly message: string;
}

/** A driver's own error, from beneath TypeORM's. */
function driverErrorOf(error: unknown): DriverError {
  const inner = (error as { driverError?: unknown } | undefined)?.driverError ?? error;
  if (!(inner instanceof Error)) return { message: String(inner) };
  const { code, errno } = inner as { code?: unknown; errno?: unknown };
  // Node tries every address of a host name, and its error for all of them together has no message of its own.
  const attempts = inner instanceof AggregateError ? (inner.errors as Error[]) : [];
  const message = inner.message || attempts.map((attempt) => attempt.message).join(', ') || String(code);
  return { code, errno, message };
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
