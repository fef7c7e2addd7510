import { cutToBytes } from '../../../core/checks/text';
import { type FailedAttempt, LONGEST_FAILURE, MOST_FAILURES } from '../../../core/contract/failed-attempt';
import type { Seconds } from '../../../core/contract/job-data';

/*
 * The column `history`: a JSON object for each attempt that failed, one a line. A settlement adds its line in the
 * statement that changes the row anyway, so that nothing is read first, and takes the first line away where there are
 * too many. No line has a character that a database does not hold.
 */

const NEWLINE = `'\n'`;

/** In what the databases differ. */
export interface HistoryWords {
  readonly concatenated: (...texts: readonly string[]) => string;
  /** The function that tells where its second text begins in its first one, from 1. */
  readonly position: string;
  /** What stands before the names of functions. */
  readonly schema: string;
}

/** All but the moment, which the database writes. */
export function failureText(attempt: number, error: string, ran: Seconds): string {
  const text = JSON.stringify({
    attempt,
    ran: Math.max(0, Math.round(ran * 1000)),
    error: cutToBytes(error, LONGEST_FAILURE),
  });
  return text.slice(1).replace(/[\u007f-\uffff]/g, escaped);
}

/** SQL for the column with one attempt more; as it was where `failure`, an expression, is null. */
export function withFailure(words: HistoryWords, now: string, failure: string): string {
  const { concatenated, position, schema } = words;
  const line = concatenated(`'{"at":'`, now, `','`, failure);
  const lines = `${schema}length(history) - ${schema}length(${schema}replace(history, ${NEWLINE}, '')) + 1`;
  const withoutFirst = `${schema}substr(history, ${schema}${position}(history, ${NEWLINE}) + 1)`;
  return `case when ${failure} is null then history when history is null then ${line}
    when ${lines} < ${MOST_FAILURES} then ${concatenated('history', NEWLINE, line)}
    else ${concatenated(withoutFirst, NEWLINE, line)} end`;
}

/** Another program may have written anything into the column: what is no attempt is left out. */
export function failuresOf(history: string | null): FailedAttempt[] {
  if (history === null) return [];
  return history.split('\n').flatMap((line) => failureOf(line) ?? []);
}

function failureOf(line: string): FailedAttempt | undefined {
  try {
    const { at, attempt, ran, error } = JSON.parse(line) as Record<string, unknown>;
    if (typeof at !== 'number' || typeof attempt !== 'number' || typeof error !== 'string') return undefined;
    const endedAt = new Date(at);
    const startedAt = new Date(at - (typeof ran === 'number' ? ran : 0));
    return { attempt, startedAt, endedAt, error };
  } catch {
    return undefined;
  }
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
