import type { QueryRunner } from 'typeorm';
import type { JobId, Leased, NewJob, PutResult, Seconds, UniqueKey } from '../../../core/contract/job-data';
import type { Keep } from '../../../core/contract/ports/history';
import type { BorrowedSession, SqlExecutor, SqlSession } from '../connection/executor';
import type { FaultReporter } from '../connection/fault-reporter';
import type { CallerRules } from '../handles/caller-rules';
import type { JournalWords } from '../journal/journal-words';
import type { JobTable } from '../layouts/job-table';
import type { TableHistory } from '../layouts/layout';
import type { ScheduleWords } from '../schedules/schedule-words';
import type { CountWords } from './counted-each';
import type { PipelineNames } from './pipeline-names';

/** A new job and where it goes. */
export interface NewRow extends NewJob {
  readonly pipeline: string;
}

/** A new job with a unique key. */
export interface UniqueRow extends NewRow {
  readonly unique: UniqueKey;
}

/** What became of a job with a unique key. */
export interface UniquePut extends PutResult {
  /** Until it is ready, when it was stored, or the one that waited became the new one; undefined when nothing changed. */
  readonly due?: Seconds;
}

/** Who holds which job: a settlement changes the row only while it still carries this token. */
export interface Hold {
  readonly id: JobId;
  readonly token: string;
}

export interface PutOptions {
  /** Default: a connection of the dialect's own. */
  readonly transaction?: SqlSession;
}

export interface TouchOptions {
  /** Also those whose time is over, and that nobody has freed yet. */
  readonly overdue?: boolean;
}

/** A settlement that keeps the row. */
export interface Change extends Hold {
  readonly pipeline: string;
  readonly state: 'ready' | 'delayed' | 'buried';
  readonly delay: Seconds;
  readonly priority: number;
  readonly reason: string | null;
  /** How many attempts end with it: none with a planned wait. */
  readonly ended: 0 | 1;
  /** The attempt that failed, as `failureText` has it; null when none has. */
  readonly failure: string | null;
}

/** A settlement that deletes the row and keeps the job. */
export interface KeptEnd extends Hold {
  readonly keep: Keep;
}

export interface Claim {
  readonly pipeline: string;
  readonly limit: number;
  /** Fresh for every claim, so that a consumer that gets a job a second time cannot mistake its two runs. */
  readonly token: string;
  /** A ready job has just been seen: nothing may be passed over, however long that takes. */
  readonly thorough?: boolean;
}

export interface SqlExchange {
  readonly deletes: readonly Hold[];
  /** Default: none. */
  readonly keeps?: readonly KeptEnd[];
  readonly changes: readonly Change[];
  readonly claim: Claim | undefined;
}

export interface SqlExchangeAnswer {
  /** The ids that were still ours and are settled now. */
  readonly settled: JobId[];
  /** In no particular order. */
  readonly claimed: Leased[];
  /** Another claim may find more at once: rivals were seen to lock some, or something was passed over. */
  readonly more?: boolean;
}

export interface StageRequest {
  /** The most rows to move. */
  readonly limit: number;
  readonly passedOver: readonly JobId[];
  /** Pipelines whose jobs are waited for. */
  readonly waiting: readonly string[];
  /** Leases are freed only before that moment of the server's clock, in milliseconds since 1970. */
  readonly leasesUntil: number;
}

/** What time has done, and when it will do more. */
export interface Staged {
  readonly moved: number;
  /** Pipelines in which jobs became ready, and those of the waiting ones that have ready jobs. */
  readonly pipelines: readonly string[];
  /**
   * Seconds until the next delayed job, lease or pause is over; undefined when there is none, and not above 0 when
   * something that is due is locked.
   */
  readonly next: Seconds | undefined;
  /** The server's clock, in milliseconds since 1970. */
  readonly now: number;
  /** Seconds until a schedule is due, not above 0 when one is; undefined when there is none. */
  readonly nextSlot?: Seconds | undefined;
}

/** Everything about unique keys in which the databases differ. */
export interface UniqueStore {
  /**
   * Stores those whose key no job holds, and finds or changes the jobs that hold the others, all or none; no two rows
   * have the same key. Waits for transactions that have put one of the keys and are not committed. Tells nobody.
   */
  put(rows: readonly UniqueRow[], transaction?: SqlSession): Promise<UniquePut[]>;
  /** Comes before a put in a transaction of somebody else, on a connection of the dialect's own. */
  prepare?(rows: readonly UniqueRow[]): Promise<void>;
  /** SQL for the key that the job of a row `j` has, or null. */
  readonly keyOfJob: string;
  /** The job that was added last with the pipeline's key, and has it. */
  find(pipeline: string, key: string): Promise<JobId | undefined>;
  /** Deletes some rows of keys that have no job and hold none off any more; whether there may be others. */
  prune(): Promise<boolean>;
}

/** Of a database with one writer at a time. */
export interface OneWriter {
  /**
   * Takes the lock in a transaction of the application's that has done nothing yet, between two statements of the
   * queue's own. Rejects at once with a conflict when another one has it.
   */
  lock(session: SqlSession): Promise<void>;
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
  readonly unique: UniqueStore;
  readonly history: TableHistory;
  readonly callers: CallerRules;
  readonly oneWriter?: OneWriter;
  /** SQL for the server's clock in milliseconds since 1970, constant within a statement so that an index serves it. */
  readonly now: string;
  /**
   * What a handler's transaction needs, where the database's default may be something else: the renewal of the job
   * changes its row meanwhile, and a transaction that saw only what was there before could not delete it.
   */
  readonly isolation?: 'READ COMMITTED';
  /** What follows a table's name in an update by ids, where the optimizer may choose another index and lock its rows. */
  readonly byPrimaryKey?: string;
  /** The columns that make a `JobRow`, the payload as text. */
  readonly columns: string;
  /** The columns that make a `KeptRow`. */
  readonly keptColumns: string;
  /** SQL for a row's id as text: drivers round numbers beyond 2^53. */
  readonly idText: string;
  /** How a deletion of rows begins that are found by their primary key. */
  readonly deleteFrom: (table: string) => string;
  /** SQL for a payload that is the next parameter. Throws `PayloadTooLargeError` when the server would not take it. */
  payloadParameter(payload: string): string;
  /** Marks those jobs of a table whose payload is no text, where the database takes such and its driver changes it. */
  markGarbled?<J extends { readonly id: JobId; readonly payload: string }>(
    jobs: J[],
    table: string,
  ): Promise<J[]>;
  /** The statement that gives rows the numbers (`seq`) that follow `before`; its parameter is the list of their ids, as JSON. */
  readonly numbering: (table: string, before: number) => string;
  readonly scheduleWords: ScheduleWords;
  readonly journalWords: JournalWords;
  readonly pipelineNames: PipelineNames;
  readonly countWords: CountWords;

  /** Statements within a transaction of the application's, on its connection. */
  session(runner: QueryRunner): Promise<BorrowedSession>;

  /** Throws `UnsupportedServerError` when the server is too old or of another kind. */
  checkServer(): Promise<void>;
  /** What whoever runs the queue has to know of its tables, as this role sees them: a line each. */
  caveats?(): Promise<readonly string[]>;
  /** Runs the work while no other process makes tables. */
  exclusively(work: (db: SqlSession) => Promise<void>): Promise<void>;

  /** The most bytes of one statement, where the server has a limit; known from `checkServer` on. */
  readonly packet?: number;

  /**
   * Stores all rows or none, in one statement; returns their ids in the order of the rows. Tells other processes where
   * the database can, unless it is part of a transaction: that is for `announce`, after the commit.
   */
  put(rows: readonly NewRow[], options?: PutOptions): Promise<JobId[]>;
  exchange(request: SqlExchange): Promise<SqlExchangeAnswer>;
  /** From so many settled jobs on, two exchanges at once are done sooner than one of both. Default: never. */
  readonly abreastFrom?: number;
  /** Whether the pipeline's next claim may take so long that no settlement should wait for it. */
  claimsSlowly?(pipeline: string): boolean;
  /**
   * Deletes the job as a part of the application's transaction, and keeps it where that is said; false when it was no
   * longer held so.
   */
  remove(hold: Hold, transaction: SqlSession, keep?: Keep): Promise<boolean>;
  /** Restarts the full ttr. Returns the ids that were still ours. */
  touch(holds: readonly Hold[], which?: TouchOptions): Promise<JobId[]>;
  /** Notes a run that is alone, and restarts its lease; false when the job was no longer held so. */
  noteLoneRun(hold: Hold): Promise<boolean>;
  /** Ends the lease of a run whose transaction has failed, where the job is still held so, as if its time had run out. */
  undo(hold: Hold): Promise<void>;
  /** Makes these jobs ready, without counting an attempt, where they are still held so. */
  giveBack(holds: readonly Hold[]): Promise<void>;
  /** Makes ready, without counting an attempt, whatever these claims hold. */
  giveBackClaims(tokens: readonly string[]): Promise<void>;
  /** Makes ready what is due first. */
  stage(request: StageRequest): Promise<Staged>;
  /** Those of the pipelines that have ready jobs and are not paused. */
  readyOf(pipelines: readonly string[]): Promise<string[]>;
  /** This process has made jobs of these pipelines ready: tells other processes where the database can. Never waits. */
  announce(pipelines: readonly string[]): void;
  /** With the transaction's commit tells other processes, where the database can, that a job was cancelled. */
  announceCancelled?(transaction: SqlSession): Promise<void>;
  /** Makes those of the rows ready that were buried first, or are due first, at most so many; resolves with how many. */
  kick(pipeline: string, condition: string, limit: number, sets: string): Promise<number>;
  /** Deletes those of the rows; resolves with how many. */
  clear(pipeline: string, condition: string): Promise<number>;
  pause(pipeline: string, duration: Seconds): Promise<void>;
}
