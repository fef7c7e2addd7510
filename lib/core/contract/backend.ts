import type { Features } from './features';
import type { JobId, JobSnapshot, NewJob, PipelineStats, PutResult, RestingState, Seconds } from './job-data';
import type { Leases, LostListener } from './leases';
import type { Logger } from './logger';

/*
 * The contract between the queue and a system that keeps jobs. The verbs and the states are those of beanstalkd's
 * protocol; `docs/contract.md` has the state diagram and what each backend does for a verb. No connection, SQL or
 * token crosses this line, and a transaction only as an opaque object (`features.ts`).
 *
 * A verb rejects with a `JobQueueError`: `BackendUnavailableError` when a retry may help, another kind when it will
 * not. A job that is no longer ours is data (`lost`), because that is normal.
 *
 * The conformance suite (`nestjs-simple-job-queue/testing`) has one case for every rule that stands here.
 */

/** A system that keeps jobs. Everything that not every system can do is a port under `features`. */
export interface QueueBackend {
  /** As it stands in logs and errors: `postgres`, `sqlite`, `beanstalkd`, … Never with credentials. */
  readonly name: string;
  /**
   * Reaches the system and prepares it. Refuses what can be known to be wrong. Does nothing the second time.
   *
   * The logger gets what belongs to no call: that word of new jobs does not arrive, for one. Nest's part hands over the
   * application's.
   */
  connect(logger?: Logger): Promise<void>;
  /** Ends what `connect` opened, and only that. The leases are closed before. */
  close(): Promise<void>;
  /**
   * Stores the jobs and returns one result for each, in the same order; once it has resolved they survive a crash.
   * `[]` is fine, and any number of calls may be under way at once.
   *
   * When it rejects with `PutIncompleteError`, the first `stored` ones are in the queue (beanstalkd has no
   * transaction); with any other error none or, if the connection broke, possibly all. A backend that cannot keep a
   * job's own `retry` or `headers`, or has no port for its `unique` key, rejects with `UnsupportedByBackendError` before
   * it stores any.
   *
   * Of jobs with the same key in one call, those that say the same are one job: the first one, or with `replace` and
   * `debounce` the last.
   */
  put(pipeline: string, jobs: readonly NewJob[]): Promise<readonly PutResult[]>;
  /**
   * Opens the leases of one worker, on one pipeline or on several: then the most urgent job of all comes first.
   * `onLost` is told of leases that end with their connection, where the backend has such leases, and of jobs that were
   * cancelled, where it has `features.cancelling`.
   */
  lease(pipelines: readonly string[], onLost?: LostListener): Promise<Leases>;
  readonly inspect: Inspector;
  readonly admin: Admin;
  /** The abilities that this backend has beyond the contract; each absent one is `undefined`. Constant from the start. */
  readonly features: Features;
}

/** Looks at jobs. Changes nothing. */
export interface Inspector {
  find(id: JobId): Promise<JobSnapshot | undefined>;
  /** The job that would leave that state first: reserved next, ready next, kicked next. */
  peek(pipeline: string, state: RestingState): Promise<JobSnapshot | undefined>;
  /** All numbers are 0 for an unused pipeline. */
  stats(pipeline: string): Promise<PipelineStats>;
  /** The names of the pipelines that hold jobs, sorted by character code. */
  pipelines(): Promise<string[]>;
}

/** Changes pipelines, and jobs that no worker holds. */
export interface Admin {
  /** Makes up to `limit` buried jobs ready, oldest burial first; delayed ones only when none is buried. Returns how many. */
  kick(pipeline: string, limit: number): Promise<number>;
  /** Makes one buried or delayed job ready; false when it is neither. */
  kickJob(id: JobId): Promise<boolean>;
  /** Removes a job that no worker holds; false when it does not exist or is reserved. */
  discard(id: JobId): Promise<boolean>;
  /** Removes every job of the pipeline in that state. Returns how many. */
  clear(pipeline: string, state: RestingState): Promise<number>;
  /**
   * For that long no worker gets a job of the pipeline; running jobs go on. `Infinity` lasts until `resume`. No pause lasts
   * longer than the pipeline has jobs or users.
   */
  pause(pipeline: string, duration: Seconds): Promise<void>;
  /** Ends a pause at once. */
  resume(pipeline: string): Promise<void>;
}

/**
 * A backend that is made of other things of the application, by dependency injection: the shape of a Nest
 * factory provider, without Nest's types.
 */
export interface BackendProvider {
  readonly inject: readonly unknown[];
  useFactory(...dependencies: never[]): QueueBackend | Promise<QueueBackend>;
}
