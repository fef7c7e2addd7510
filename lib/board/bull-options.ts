import { milliseconds } from '../core/checks/checks';
import { read, shown } from '../core/checks/text';
import type { StoredJob } from '../core/contract/job-data';
import type { KeepRule } from '../core/contract/ports/history';
import type { StoredBackoff } from '../core/policy/backoff';
import { DEFAULT_PRIORITY, type JobOptions } from '../core/policy/job-options';
import { keepOfStored, type KeepOptions } from '../core/policy/keep';
import { Refusal } from './refusal';

/*
 * The options of a job on the page: bull-board's times are milliseconds, ours seconds. What the page shows of a job is
 * what it takes for a new one, because it has a button that adds the same job once more.
 */

const TAKEN = ['delay', 'priority', 'attempts', 'backoff', 'ttr', 'unique', 'keep'];
/** A job has them, and nobody gives them to it. */
const SHOWN_ALONE = ['kicks', 'headers'];

/** A job that has ended has no `ttr`, no `kicks` and no `retry` any more. */
type ShownOptions = Pick<StoredJob, 'priority' | 'headers'> &
  Partial<Pick<StoredJob, 'ttr' | 'kicks' | 'retry'>>;

/** As the page shows them. */
export function bullOptionsOf(job: ShownOptions): Record<string, unknown> {
  const { ttr, kicks = 0 } = job;
  return {
    ...(ttr !== undefined && { ttr }),
    ...(job.priority !== DEFAULT_PRIORITY && { priority: job.priority }),
    ...retryOf(job.retry),
    ...(kicks > 0 && { kicks }),
    ...(job.headers !== undefined && { headers: parsed(job.headers) }),
  };
}

/** @throws Refusal for an option that is none here */
export function jobOptionsOf(given: object): JobOptions {
  const options: Record<string, unknown> = { ...given };
  for (const name of SHOWN_ALONE) delete options[name];
  const unknown = Object.keys(options).filter((name) => !TAKEN.includes(name));
  if (unknown.length > 0)
    throw new Refusal(400, `Unknown option ${unknown.map(shown).join(', ')}; there are ${TAKEN.join(', ')}.`);
  const { delay, backoff } = options;
  return {
    ...options,
    ...(delay !== undefined && { delay: secondsOf(delay) }),
    // Wrong ones are refused where jobs are made.
    ...(backoff !== undefined && { backoff: backoffOf(backoff, secondsOf) as StoredBackoff }),
  };
}

/** The job's own attempts, backoff and keep. */
function retryOf(retry: string | undefined): Record<string, unknown> {
  const own = retry === undefined ? {} : parsed(retry);
  const [backoff, keep] = [read(own, 'backoff'), read(own, 'keep')];
  return {
    ...(own as object),
    ...(backoff !== undefined && { backoff: backoffOf(backoff, millisecondsOf) }),
    ...(keep !== undefined && { keep: { completed: keepTimeOf(keepOfStored(keep)) } }),
  };
}

function keepTimeOf(keep: KeepRule | undefined): KeepOptions['completed'] {
  if (!keep) return false;
  const time = keep.for === Infinity ? 'forever' : keep.for;
  return keep.most === undefined ? time : { for: time, count: keep.most };
}

function backoffOf(backoff: unknown, convert: (time: unknown) => unknown): unknown {
  if (typeof backoff !== 'object' || backoff === null) return convert(backoff);
  const { delay, max } = backoff as Record<string, unknown>;
  return {
    ...backoff,
    ...(delay !== undefined && { delay: convert(delay) }),
    ...(max !== undefined && { max: convert(max) }),
  };
}

/** A text as '10s' has its unit. */
function secondsOf(time: unknown): never {
  return (typeof time === 'number' ? time / 1000 : time) as never;
}

function millisecondsOf(time: unknown): unknown {
  return typeof time === 'number' ? milliseconds(time) : time;
}

/** What is no JSON is shown as it is. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
