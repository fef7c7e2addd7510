import type { Duration } from '../../core/checks/duration';
import type { Seconds } from '../../core/contract/job-data';

/** What a worker is told, checked. */
export type CheckedWorkerOptions = Omit<WorkerCommandOptions, 'maxTime'> & { readonly maxTime?: Seconds };

/** What `runWorker` can be told on the command line, in code and by the environment; docs/production.md has a table. */
export interface WorkerCommandOptions {
  /** Work on these pipelines only; default: on every one that has a handler. */
  readonly pipelines?: readonly string[];
  /** How many jobs of each pipeline run at once, whatever its processor says; at least 1. */
  readonly concurrency?: number;
  /** Start no more jobs than that in all, and end when they have ended; at least 1. */
  readonly maxJobs?: number;
  /** End after that time: seconds, or a text as `'12h'`. */
  readonly maxTime?: Duration;
  /** End when the process has more resident memory than that, in MiB; looked at each second in which a job has ended. */
  readonly maxMemory?: number;
  /** End when no job of the pipelines is ready or reserved, by whomever; delayed and buried ones do not count. */
  readonly stopWhenEmpty?: boolean;
  /** Start one job and end after it; end at once when none is ready. */
  readonly once?: boolean;
  /** A file that is written every five seconds while the event loop turns and the backends answer. */
  readonly heartbeatFile?: string;
  /** Log lines as JSON, and one more for everything that happens to a job. */
  readonly json?: boolean;
}
