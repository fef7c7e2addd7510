import { branded } from '../checks/brand';
import { checkedDuration, checkedPriority } from '../checks/checks';
import type { Duration } from '../checks/duration';
import { checkedOptions } from '../checks/options';
import { asReason, detailsOf, read, shown } from '../checks/text';
import type { Seconds } from '../contract/job-data';
import type { Keep } from '../contract/ports/history';

/** What becomes of a job when its handler has ended. */
export type Outcome =
  | { readonly outcome: 'delete'; readonly keep?: Keep }
  | {
      readonly outcome: 'release';
      readonly delay: Seconds;
      readonly priority?: number;
      /** The handler asked for it; nothing has failed. */
      readonly planned?: true;
      /** What has failed. */
      readonly reason?: string;
      /** How long the run took. */
      readonly ran?: Seconds;
    }
  | {
      readonly outcome: 'bury';
      readonly reason: string;
      readonly priority?: number;
      readonly ran?: Seconds;
    };

/**
 * Thrown by a handler: bury the job at once, whatever the retry policy says.
 *
 * @example
 * throw new BuryJob('no such address', { cause: error });
 */
export class BuryJob extends Error {
  override readonly name = 'BuryJob';

  constructor(reason: string, options?: ErrorOptions & { priority?: number }) {
    // Takes any reason: a wrong one must not lead to another try of a job that is to be buried.
    const cause = read(options, 'cause');
    super(typeof reason === 'string' ? reason : shown(reason), cause === undefined ? {} : { cause });
    const priority = read(options, 'priority');
    if (priority !== undefined) this.priority = checkedPriority(priority);
  }

  readonly priority?: number;
}

/**
 * Thrown by a handler: not now. The job is ready again after the delay, whatever the retry policy says. Nothing has
 * failed: it counts no attempt, however often it is thrown, except on beanstalkd, which counts every release.
 *
 * @throws {InvalidJobOptionError} for a delay or a priority out of range
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

/** Why a job is buried: what its handler threw; of a `BuryJob` its reason and the causes beneath it. */
export function reasonOf(error: unknown): string {
  const parts: string[] = [];
  // A chain of causes may be a circle.
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
