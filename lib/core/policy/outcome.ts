import { branded } from '../checks/brand';
import { checkedDuration, checkedPriority } from '../checks/checks';
import type { Duration } from '../checks/duration';
import { checkedOptions } from '../checks/options';
import { asReason, detailsOf, read, shown } from '../checks/text';
import type { Seconds } from '../contract/job-data';

/** What a handler's end means for its job. */
export type Outcome =
  | { readonly outcome: 'delete' }
  | {
      readonly outcome: 'release';
      readonly delay: Seconds;
      readonly priority?: number;
      /** The handler asked for it: nothing has failed. */
      readonly planned?: true;
    }
  | { readonly outcome: 'bury'; readonly reason: string; readonly priority?: number };

/** Thrown by a handler: bury the job at once, whatever the retry policy says. */
export class BuryJob extends Error {
  override readonly name = 'BuryJob';

  constructor(reason: string, options?: ErrorOptions & { priority?: number }) {
    // Whatever the reason is: a job that is to be buried must not be tried again because of it.
    const cause = read(options, 'cause');
    super(typeof reason === 'string' ? reason : shown(reason), cause === undefined ? {} : { cause });
    const priority = read(options, 'priority');
    if (priority !== undefined) this.priority = checkedPriority(priority);
  }

  readonly priority?: number;
}

/**
 * Thrown by a handler: not now; give the job to a worker again after `delay`, whatever the retry policy says. It is no
 * failure: no attempt is counted, however often it is thrown, but for beanstalkd, which counts every release.
 *
 * @example
 * if (!(await api.isReady(job.payload.id))) throw new ReleaseJob({ delay: '30s' });
 */
export class ReleaseJob extends Error {
  override readonly name = 'ReleaseJob';
  readonly delay: Seconds;
  readonly priority?: number;

  constructor(options: { delay?: Duration; priority?: number } = {}) {
    const { delay = 0, priority } = checkedOptions(options, { delay: true, priority: true });
    const seconds = checkedDuration('delay', delay);
    super(`released for ${seconds} s`);
    this.delay = seconds;
    if (priority !== undefined) this.priority = checkedPriority(priority);
  }
}

branded('BuryJob', BuryJob);
branded('ReleaseJob', ReleaseJob);

/** Why a job is buried: what its handler threw and, beneath `BuryJob`, what that was caused by. */
export function reasonOf(error: unknown): string {
  const parts: string[] = [];
  // A cause may lead back to where it began.
  const told = new Set<unknown>();
  let next = error;
  while (next instanceof BuryJob && !told.has(next) && told.size < MOST_CAUSES) {
    told.add(next);
    const { message, cause } = { message: read(next, 'message'), cause: read(next, 'cause') };
    parts.push(typeof message === 'string' ? message : shown(message));
    if (cause === undefined) return asReason(parts.join('\n'));
    next = cause;
  }
  if (!told.has(next)) parts.push(detailsOf(next));
  return asReason(parts.join('\n'));
}

const MOST_CAUSES = 10;
