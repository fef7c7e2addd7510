import type { FailedAttempt } from '../../core/contract/failed-attempt';

interface Tried {
  readonly failures?: readonly FailedAttempt[] | undefined;
  /** Why it was buried or called off. */
  readonly reason?: string | undefined;
}

/** What bull-board shows of the attempts that failed. */
interface ShownErrors {
  readonly failedReason: string;
  /** The oldest first. */
  readonly stacktrace: string[] | null;
}

export function errorsOf({ failures = [], reason }: Tried): ShownErrors {
  const last = failures.at(-1);
  const texts = failures.map(({ attempt, startedAt, endedAt, error }) => {
    const seconds = (endedAt.getTime() - startedAt.getTime()) / 1000;
    return `Attempt ${attempt}, ${startedAt.toISOString()}, ${seconds} s\n${error}`;
  });
  // A job that was buried by its last failure has the same reason.
  if (reason !== undefined && (!last || !reason.startsWith(last.error))) texts.push(reason);
  return {
    failedReason: (reason ?? last?.error ?? '').split('\n', 1)[0] ?? '',
    stacktrace: texts.length === 0 ? null : texts,
  };
}
