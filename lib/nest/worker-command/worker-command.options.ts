import type { Duration } from '../../core/checks/duration';
import type { Seconds } from '../../core/contract/job-data';

/** The checked options of a worker. */
export type CheckedWorkerOptions = Omit<WorkerCommandOptions, 'maxTime'> & { readonly maxTime?: Seconds };

/** The options of `runWorker` on the command line, in code and in the environment; docs/production.md has a table. */
export interface WorkerCommandOptions {
  /** Work on these pipelines only. @default every pipeline that has a handler */
  readonly pipelines?: readonly string[];
  /** How many jobs of each pipeline run at once, whatever its processor says; at least 1. */
  readonly concurrency?: number;
  /** Start at most so many jobs in all, and end when they have ended; at least 1. */
  readonly maxJobs?: number;
  /** End after that time: seconds, or a text such as `'12h'`. */
  readonly maxTime?: Duration;
  /** End when the process has more resident memory than that, in MiB. Checked in each second in which a job ends. */
  readonly maxMemory?: number;
  /** End when no job of the pipelines is ready, or reserved by any worker; delayed and buried ones do not count. */
  readonly stopWhenEmpty?: boolean;
  /** Run one job and end; end at once when none is ready. */
  readonly once?: boolean;
  /** A file to write every five seconds while the event loop turns and the backends answer. */
  readonly heartbeatFile?: string;
  /** Log as JSON, with one more line for everything that happens to a job. */
  readonly json?: boolean;
}
