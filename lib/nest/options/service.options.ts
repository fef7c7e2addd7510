import type { Duration } from '../../core/checks/duration';
import type { JobId } from '../../core/contract/job-data';
import type { EndState, HistoryPlace } from '../../core/contract/ports/history';
import type { JobOptions } from '../../core/policy/job-options';
import type { UniqueOptions } from '../../core/policy/unique-options';
import type { PipelineDefinition } from '../pipelines/pipeline-definition';

/** One of several jobs that are added together. */
export interface JobToAdd<T = unknown> extends JobOptions {
  readonly payload: T;
}

/** A job by its pipeline and its unique key: the one that was added with that key last. */
export interface UniqueHandle<P extends string | PipelineDefinition = string | PipelineDefinition> {
  readonly pipeline: P;
  readonly unique: string;
}

/** A job by its id, or by an object that has it: what reading returned. */
export type IdentifiedJob = JobId | { readonly id: JobId };

/** A job by its id, by what reading returned, or by its pipeline and unique key. */
export type JobReference = IdentifiedJob | UniqueHandle;

/** A job that is added only when none with its unique key is there. */
export interface AddOnceOptions extends JobOptions, AddOptions {
  readonly unique: string | UniqueOptions;
}

/** What `addJobOnce` resolves with. */
export interface AddedOnce {
  /** Of the job that was added, or of the one that was there. */
  readonly id: JobId;
  /** Whether this call has added it; false also when the one that was there has become the new one. */
  readonly added: boolean;
}

/** What a reader of events may say. */
export interface EventsOptions {
  /**
   * The cursor of the last event that was read; `'oldest'` for all that are kept, `'newest'` for those to come.
   * @default 'newest'
   */
  readonly after?: string;
  /** Its abort ends the loop. */
  readonly signal?: AbortSignal;
}

/** How jobs are added, beside the options of each job. */
export interface AddOptions {
  /**
   * A transaction under way in the queue's database, as its library hands it out: the jobs exist if and when it commits.
   * SQL backends only. `null`: outside of any transaction, whatever the module option `currentTransaction` returns.
   *
   * It is TypeORM's `EntityManager` or `QueryRunner`; what the transactions of Prisma, Drizzle, Kysely, Knex, MikroORM and
   * Sequelize give; a connection of pg, mysql2, postgres.js, better-sqlite3 or node:sqlite on which you have begun one; or
   * any object with `query(text, parameters)` that resolves with the rows. Workers are woken by the commit; on MySQL and
   * MariaDB, unless it is TypeORM's, they find the jobs within a second.
   *
   * @throws {InvalidJobOptionError} when none is under way in it, or it is of another database: nothing was stored
   * @example
   * await prisma.$transaction(async (transaction) => {
   *   await transaction.order.create({ data: order });
   *   await queue.addJob('send_invoice', { orderId: order.id }, { transaction });
   * });
   */
  readonly transaction?: object | null;
  /** The same, as TypeORM's users know it. Give one of the two. */
  readonly manager?: object | null;
  readonly afterCommit?: undefined;
}

/** For a queue that lives elsewhere than the data: another database, beanstalkd, memory. */
export interface AfterCommitOptions {
  /**
   * A TypeORM `EntityManager` or `QueryRunner` with a transaction under way: the jobs are added right after its
   * commit, and never when it is rolled back. They are checked at once; their ids are not known yet, and a
   * failure is logged. A process that dies between the commit and the adding loses them.
   */
  readonly afterCommit: object;
  readonly transaction?: undefined;
  readonly manager?: undefined;
}

/** Returns the transaction around the caller, if there is one: as the option `transaction` takes it. */
export type CurrentTransaction = () => object | null | undefined;

export interface ReserveOptions {
  /** How long to wait for a job. @default 0 */
  readonly wait?: Duration;
}

export interface ReleaseOptions {
  /** How long until the job is ready again. @default 0 */
  readonly delay?: Duration;
  /** Default: the job keeps its own. */
  readonly priority?: number;
}

export interface KickOptions {
  /**
   * The jobs start again from nothing: without attempts, lost reservations and kicks, as if they had just been added. Not on
   * beanstalkd. @default false: as in beanstalkd, a job that had used up its attempts gets one more
   */
  readonly fresh?: boolean;
}

/** What to change of a job that is not reserved, at least one property; the others stay as they are. */
export interface JobChanges<T = unknown> {
  /** Stored as `addJob` does it. */
  readonly payload?: T;
  /** 0 (most urgent) … 4294967295. */
  readonly priority?: number;
  /** How long from now until the job is ready; 0 is at once. Not for a buried job, which a kick makes ready. */
  readonly delay?: Duration;
}

/** How long to wait for the end of a job. */
export interface WaitOptions {
  /** A wait without an end is none that a caller survives. */
  readonly timeout: Duration;
}

/** Which kept jobs to read. */
export interface HistoryOptions {
  /** Those that ended so. @default all */
  readonly state?: EndState;
  /** The last job of the page before. */
  readonly after?: HistoryPlace | undefined;
  /** At most 1,000. @default 20 */
  readonly limit?: number;
}

/** Which lines of a job's log to read. */
export interface LogOptions {
  /** The `id` of a line: only those that came later. */
  readonly after?: string;
  /** At most 1,000. @default 100 */
  readonly limit?: number;
}

export interface BuryOptions {
  /** Stored with the job where the backend can; cut after 20,000 characters. */
  readonly reason?: string;
  /** Default: the job keeps its own. */
  readonly priority?: number;
}
