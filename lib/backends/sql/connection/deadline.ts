import { type Duration, secondsOf } from '../../../core/checks/duration';
import { InvalidConfigurationError, shown } from '../../../core/contract/errors';
import type { Seconds } from '../../../core/contract/job-data';

/** How long the server may take to answer one statement, unless the option `timeout` says otherwise. */
export const DEADLINE: Seconds = 10;

/**
 * For statements that may rightly take longer: those that make tables, count, clear or search. A server that has not
 * answered by then is not going to.
 */
export const PATIENT_DEADLINE: Seconds = 300;

const LONGEST_DEADLINE: Seconds = 3600;

/** @throws {InvalidConfigurationError} for an option `timeout` that is out of range */
export function deadlineOf({ timeout = DEADLINE }: { readonly timeout?: Duration }): Seconds {
  const seconds = secondsOf(timeout) ?? 0;
  if (seconds > 0 && seconds <= LONGEST_DEADLINE) return seconds;
  throw new InvalidConfigurationError(
    `The option timeout must be a duration above 0 and up to ${LONGEST_DEADLINE} s, got ${shown(timeout)}.`,
  );
}

/** The code of a `DeadlineError`. */
export const DEADLINE_PASSED = 'DEADLINE_PASSED';

/** How much later than asked for a timer fires only when its process was stopped or busy, in milliseconds. */
const LATE_MS = 500;
/** Such a process reads first what has arrived meanwhile, in milliseconds. */
const READING_MS = 1_000;

/** The server did not answer in time. What it was asked for may have been done or not. */
export class DeadlineError extends Error {
  readonly code = DEADLINE_PASSED;
}

/**
 * Resolves with the answer; cuts the connection and rejects with `DeadlineError` when it does not come in time, because
 * a network that loses packets says nothing.
 */
export function answered<T>(
  deadline: Seconds,
  cut: () => void,
  ask: (answer: (error: Error | null | undefined, value: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const due = performance.now() + deadline * 1000 + LATE_MS;
    const over = (): void => {
      if (performance.now() > due && !reading) {
        reading = true;
        timer = setTimeout(over, READING_MS);
        return;
      }
      reject(new DeadlineError(`it did not answer within ${deadline} s, and the connection was cut`));
      cut();
    };
    let reading = false;
    let timer = setTimeout(over, deadline * 1000);
    ask((error, value) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve(value);
    });
  });
}
