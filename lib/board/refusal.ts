import { JobQueueError, type JobQueueErrorCode, UnsupportedByBackendError } from '../core/contract/errors';

/** An answer to the board's page: what bull-board shows, with the status that it gives. */
export class Refusal extends Error {
  constructor(
    /** bull-board looks for this name. */
    readonly statusCode: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'Refusal';
  }
}

const UNAVAILABLE: readonly JobQueueErrorCode[] = ['BACKEND_UNAVAILABLE', 'BACKEND_CLOSED'];

/** Runs what a button does. An error of the queue is no failure of the server: its message says what to do. */
export async function answered<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof JobQueueError)) throw error;
    throw new Refusal(UNAVAILABLE.includes(error.code) ? 503 : 400, error.message, { cause: error });
  }
}

/** What a read answers, or that in place of it on a system that has no such thing: the page shows nothing there. */
export async function orWithout<T, W>(read: () => Promise<T>, without: W): Promise<T | W> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UnsupportedByBackendError) return without;
    throw error;
  }
}
