import { checkedPriority, checkedSeconds } from '../contract/checks';
import type { Seconds } from '../contract/job-data';

/** What a handler's end means for its job. */
export type Outcome =
  | { readonly outcome: 'delete' }
  | { readonly outcome: 'release'; readonly delay: Seconds; readonly priority?: number }
  | { readonly outcome: 'bury'; readonly reason: string; readonly priority?: number };

/** Thrown by a handler: bury the job at once, whatever the retry policy says. */
export class BuryJob extends Error {
  override readonly name = 'BuryJob';

  constructor(reason: string, options: ErrorOptions & { priority?: number } = {}) {
    super(reason, options);
    if (options.priority !== undefined) this.priority = checkedPriority(options.priority);
  }

  readonly priority?: number;
}

/** Thrown by a handler: not now; give the job to a worker again after `delay` seconds, whatever the retry policy says. */
export class ReleaseJob extends Error {
  override readonly name = 'ReleaseJob';
  readonly delay: Seconds;
  readonly priority?: number;

  constructor(options: { delay?: Seconds; priority?: number } = {}) {
    super(`released for ${options.delay ?? 0} s`);
    this.delay = checkedSeconds('delay', options.delay ?? 0);
    if (options.priority !== undefined) this.priority = checkedPriority(options.priority);
  }
}

/** An error as it is kept with a buried job: name, message and stack, its first line telling the most. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${textOf(error)}`;
  if (error instanceof BuryJob)
    return error.cause === undefined ? error.message : `${error.message}\n${reasonOf(error.cause)}`;
  // A stack need not be text: applications replace Error.prepareStackTrace.
  return typeof error.stack === 'string' ? error.stack : `${error.name}: ${error.message}`;
}

/** Anything can be thrown, even what has no text. */
export function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return 'something that has no text';
  }
}
