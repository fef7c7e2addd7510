import type { QueryRunner } from 'typeorm';
import type { JobId, Leased, NewJob, RestingState, Seconds } from '../../../core/contract/job-data';
import type { BorrowedSession, SqlExecutor, SqlSession } from '../connection/executor';
import type { FaultReporter } from '../connection/fault-reporter';
import type { JobTable } from '../layouts/job-table';
import type { TableHistory } from '../layouts/layout';
import type { ClaimOrder } from './claim-order';
import type { KickedState } from './resting-jobs';
import type { Ride } from './ride';

/** A new job and where it goes. */
export interface NewRow extends NewJob {
  readonly pipeline: string;
}

/** Who holds which job: a settlement changes the row only while it still carries this token. */
export interface Hold {
  readonly id: JobId;
  readonly token: string;
}

export interface PutOptions {
  /** Default: a connection of the dialect's own. */
  readonly transaction?: SqlSession;
  /** To tell other processes with the same commit, where the database can. */
  readonly ride?: Ride;
}

/** A settlement that keeps the row. */
export interface Change extends Hold {
  readonly state: 'ready' | 'delayed' | 'buried';
  readonly delay: Seconds;
  readonly priority: number;
  readonly reason: string | null;
}

export interface Claim {
  readonly pipeline: string;
  /**
   * Nothing ready lies before it or at it, as far as the consumer knows. Where claims have been slow it is never missing,
   * and is the first place of all when nothing is known.
   */
  readonly after?: ClaimOrder;
  readonly limit: number;
  /** Fresh for every claim, so that a consumer that gets a job a second time cannot mistake its two runs. */
  readonly token: string;
}

export interface SqlExchange {
  readonly deletes: readonly Hold[];
  readonly changes: readonly Change[];
  readonly claim: Claim | undefined;
}

export interface SqlExchangeAnswer {
  /** The ids that were still ours and are settled now. */
  readonly settled: JobId[];
  /** In no particular order. */
  readonly claimed: Leased[];
  /** Whether rivals were seen to take or lock some, so that another claim may find more. */
  readonly more?: boolean;
}

/** What time has done, and when it will do more. */
export interface Promotion {
  /** Pipelines in which jobs became ready, and those that were asked for and have ready jobs. */
  readonly pipelines: readonly string[];
  /** Seconds until the next delayed job, running reservation or pause is over; undefined when there is none. */
  readonly next: Seconds | undefined;
}

/*
 * Everything in which the databases differ. A row's `due_at` (milliseconds since 1970, the server's clock)
 * says when a delayed job is ready, when a reservation runs out, or since when a job is buried.
 */
export interface SqlDialect {
  readonly name: string;
  readonly table: JobTable;
  readonly db: SqlExecutor;
  readonly faults: FaultReporter;
  readonly history: TableHistory;
  /** SQL for the server's clock in milliseconds since 1970, constant within a statement so that an index serves it. */
  readonly now: string;
  /**
   * What a handler's transaction needs, where the database's default may be something else: the renewal of the job
   * changes its row meanwhile, and a transaction that saw only what was there before could not delete it.
   */
  readonly isolation?: 'READ COMMITTED';
  /** The columns that make a `JobRow`, the payload as text. */
  readonly columns: string;
  /**
   * The duration of a claim, in milliseconds, from which on a low-water mark is worth it; default 0. Where other
   * processes do not tell of their jobs, a mark passes over their more urgent ones for as long as it holds.
   */
  readonly markFrom?: number;

  /** Statements within a transaction of the application's, on its connection. */
  session(runner: QueryRunner): Promise<BorrowedSession>;

  /** Throws `UnsupportedServerError` when the server is too old or of another kind. */
  checkServer(): Promise<void>;
  /** Runs the work while no other process makes tables. */
  exclusively(work: (db: SqlSession) => Promise<void>): Promise<void>;

  /** The most bytes of one statement, where the server has a limit; known from `checkServer` on. */
  readonly packet?: number;

  /** Stores all rows or none, in one statement; answers their ids in the order of the rows. */
  put(rows: readonly NewRow[], options?: PutOptions): Promise<JobId[]>;
  exchange(request: SqlExchange): Promise<SqlExchangeAnswer>;
  /** Deletes the job as a part of somebody's transaction; false when it was no longer held so. */
  remove(hold: Hold, transaction: SqlSession): Promise<boolean>;
  /** Starts the full ttr anew. Answers the ids that were still ours. */
  touch(holds: readonly Hold[]): Promise<JobId[]>;
  /** Makes these jobs ready, at no attempt, where they are still held so. */
  giveBack(holds: readonly Hold[]): Promise<void>;
  /** Makes ready, at no attempt, whatever these claims hold. */
  giveBackClaims(tokens: readonly string[]): Promise<void>;
  /** Makes ready what is due, and looks for ready jobs in the pipelines. */
  promote(pipelines: readonly string[]): Promise<Promotion>;
  /** Makes those ready that were buried first, or are due first, at most so many; answers how many. */
  kick(pipeline: string, state: KickedState, limit: number): Promise<number>;
  /** Deletes what is in that state; answers how many. */
  clear(pipeline: string, state: RestingState): Promise<number>;
  pause(pipeline: string, duration: Seconds): Promise<void>;
}
