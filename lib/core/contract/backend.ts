import type { BackendUnavailableError } from './errors';
import type {
  JobId,
  JobSnapshot,
  NewJob,
  PipelineStats,
  ReservedJob,
  RestingState,
  Seconds,
} from './job-data';

/*
 * The contract between the queue and a system that keeps jobs. The division into producer, worker and other
 * commands, the words and their meaning are those of beanstalkd's protocol; `docs/contract.md` has the state
 * diagram and what each backend does for a verb. No connection, transaction, SQL or token crosses this line.
 *
 * A verb rejects with a `JobQueueError`: `BackendUnavailableError` when a retry may help, another kind when
 * it will not. A job that is no longer ours is data (`lost`), because that is normal.
 */

/** Puts jobs. Any number of calls may be under way at once. */
export interface Producer {
  /**
   * Stores the jobs and answers their ids in the same order; when it has resolved they survive a crash.
   * `[]` is fine. When it rejects with `PutIncompleteError`, the first `stored` ones are in the queue
   * (beanstalkd has no transaction); with any other error, none or, if the connection broke, possibly all.
   * A backend that cannot keep a job's own `retry` rejects with `UnsupportedByBackendError` before it stores any.
   */
  put(pipeline: string, jobs: readonly NewJob[]): Promise<JobId[]>;
}

/** What becomes of one reserved job. Release and bury end an attempt; without a priority the job keeps its own. */
export type Settlement = { readonly job: ReservedJob } & (
  | { readonly outcome: 'delete' }
  | { readonly outcome: 'release'; readonly delay: Seconds; readonly priority?: number }
  | { readonly outcome: 'bury'; readonly reason?: string; readonly priority?: number }
);

export interface ExchangeRequest {
  readonly settle: readonly Settlement[];
  /** The most jobs to take; 0 only settles. */
  readonly reserve: number;
  /** How long to wait for a job, only when nothing is settled and nothing is ready. */
  readonly wait: Seconds;
  /** Ends the waiting: the answer comes soon and no job is lost by it. */
  readonly signal: AbortSignal;
}

export interface ExchangeAnswer {
  /** Those of `settle` that were no longer ours; nothing was changed for them. */
  readonly lost: ReservedJob[];
  /** Most urgent first, equal priorities oldest first. */
  readonly reserved: ReservedJob[];
}

/**
 * One holder of reservations. One exchange that waits and one that settles may be under way at the same time,
 * and `touch` at any time.
 */
export interface Consumer {
  /** Hands back what is finished and takes what comes next, in one round trip where the backend can. */
  exchange(request: ExchangeRequest): Promise<ExchangeAnswer>;
  /** Starts the jobs' full ttr anew. Answers the jobs that were already lost; `[]` is the good case. */
  touch(jobs: readonly ReservedJob[]): Promise<ReservedJob[]>;
  /** Gives back at once, at no attempt, what is still held. Does nothing the second time. */
  close(): Promise<void>;
}

/** A consumer that can give single jobs back. Only from such a one a worker takes jobs ahead of its free slots. */
export interface Returner {
  /** Makes the jobs ready again at once, at no attempt; those that were lost already are left alone. */
  giveBack(jobs: readonly ReservedJob[]): Promise<void>;
}

export function canGiveBack(consumer: Consumer): consumer is Consumer & Returner {
  return typeof (consumer as Partial<Returner>).giveBack === 'function';
}

/** What became of a job's transaction. */
export type Transacted =
  | { readonly outcome: 'committed' }
  /** The job was no longer ours: rolled back. */
  | { readonly outcome: 'lost' }
  /** The backend could not begin or end it. It is rolled back, unless it was the answer to the commit that was lost. */
  | { readonly outcome: 'failed'; readonly error: BackendUnavailableError };

/** A consumer that can delete a job as a part of the transaction in which its handler writes (SQL, the application's DataSource). */
export interface Transactor {
  /**
   * Begins a transaction and hands it to `work`; when that resolves, deletes the job in it and commits. When
   * `work` rejects, rolls back and rejects with the same error; so it does when the database refuses to commit
   * what `work` did.
   */
  transact(job: ReservedJob, work: (transaction: object) => Promise<void>): Promise<Transacted>;
}

export function canTransact(consumer: Consumer): consumer is Consumer & Transactor {
  return typeof (consumer as Partial<Transactor>).transact === 'function';
}

/** Looks at and tends jobs that nobody holds. Reading changes nothing. */
export interface Inspector {
  find(id: JobId): Promise<JobSnapshot | undefined>;
  /** The job that would leave that state first: reserved next, ready next, kicked next. */
  peek(pipeline: string, state: RestingState): Promise<JobSnapshot | undefined>;
  /** All numbers are 0 for a pipeline that nobody has used. */
  stats(pipeline: string): Promise<PipelineStats>;
  /** The names of the pipelines that hold jobs, sorted. */
  pipelines(): Promise<string[]>;
  /** Makes up to `limit` buried jobs ready, oldest burial first; delayed ones only when none is buried. Answers how many. */
  kick(pipeline: string, limit: number): Promise<number>;
  /** Makes one buried or delayed job ready; false when it is neither. */
  kickJob(id: JobId): Promise<boolean>;
  /** Removes a job that nobody holds; false when there is none or it is reserved. */
  discard(id: JobId): Promise<boolean>;
  /** Removes every job of the pipeline in that state. Answers how many. */
  clear(pipeline: string, state: RestingState): Promise<number>;
  /** For that long nobody gets a job of the pipeline; running ones go on. Lasts no longer than the pipeline has jobs or users. */
  pause(pipeline: string, duration: Seconds): Promise<void>;
  resume(pipeline: string): Promise<void>;
}

export interface QueueBackend extends Producer, Inspector {
  /** As it stands in logs and errors: `postgres`, `sqlite`, `beanstalkd`, … Never with credentials. */
  readonly name: string;
  /** Reaches the system and prepares it. Refuses what can be known to be wrong. Does nothing the second time. */
  connect(): Promise<void>;
  /** A consumer of one pipeline, or of several: then the most urgent job of all of them comes first. */
  consume(pipelines: readonly string[]): Promise<Consumer>;
  /** Ends what `connect` opened, and only that. Consumers are closed before. */
  close(): Promise<void>;
}

/** A backend that can put jobs as a part of the caller's own transaction (SQL). */
export interface TransactionalProducer {
  /**
   * The jobs exist if and when the transaction commits, and workers are woken then. What a transaction is, the
   * backend says (TypeORM: an EntityManager or a QueryRunner); another thing, or one that is not under way,
   * rejects with `InvalidJobOptionError`.
   */
  putWithin(transaction: unknown, pipeline: string, jobs: readonly NewJob[]): Promise<JobId[]>;
}

export function canPutWithin(backend: QueueBackend): backend is QueueBackend & TransactionalProducer {
  return typeof (backend as Partial<TransactionalProducer>).putWithin === 'function';
}

/** A page of a list, counted from 0. */
export interface Page {
  readonly offset: number;
  readonly limit: number;
}

/** A backend that can list jobs, not only show the first (SQL and memory; beanstalkd cannot). */
export interface Lister {
  list(pipeline: string, state: JobSnapshot['state'], page: Page): Promise<JobSnapshot[]>;
}

export function canList(backend: QueueBackend): backend is QueueBackend & Lister {
  return typeof (backend as Partial<Lister>).list === 'function';
}

/**
 * A backend that is made of other things of the application, by dependency injection: the shape of a Nest
 * factory provider, without Nest's types.
 */
export interface BackendProvider {
  readonly inject: readonly unknown[];
  useFactory(...dependencies: never[]): QueueBackend | Promise<QueueBackend>;
}
