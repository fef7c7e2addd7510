import type { QueryRunner } from 'typeorm';
import { UnsupportedServerError } from '../../../core/contract/errors';
import type { JobId, Seconds } from '../../../core/contract/job-data';
import type { Keep } from '../../../core/contract/ports/history';
import { begun, givenBack, leaseMs, LONE_GRACE_MS, undone } from '../claims/lone-run';
import { RunnerSession, type SqlSession } from '../connection/executor';
import { FaultReporter } from '../connection/fault-reporter';
import { joinedCounts } from '../engine/counted-each';
import type {
  Hold,
  NewRow,
  PutOptions,
  SqlDialect,
  SqlExchange,
  SqlExchangeAnswer,
  Staged,
  StageRequest,
  TouchOptions,
} from '../engine/dialect';
import { FOR_EVER, pauseMilliseconds } from '../engine/pauses';
import { walkedNames } from '../engine/pipeline-names';
import { keptColumns } from '../history/kept-row';
import { STANDARD_JOURNAL_WORDS } from '../journal/journal-words';
import { jobColumns, type JobTable } from '../layouts/job-table';
import { claimedAtOnce, claimedWithin } from './claim/sqlite-claim';
import { SqliteCallers } from './drivers/sqlite-callers';
import { SQLITE_FAULTS } from './drivers/sqlite-faults';
import type { SqliteFile } from './file/sqlite-file';
import { sqliteInsert } from './put/sqlite-insert';
import { storeAll, storeWithin } from './put/sqlite-put';
import { SqliteUniqueStore } from './put/sqlite-unique-store';
import { SerialExecutor } from './session/serial-executor';
import { inPieces } from './session/sqlite-pieces';
import { SqliteSession } from './session/sqlite-session';
import { changeHeld } from './sqlite-changes';
import { withGarbledMarked } from './sqlite-garbled';
import { heldBy } from './sqlite-holds';
import { SqliteKeptJobs } from './sqlite-kept-jobs';
import { SQLITE_NOW, SqliteHistory } from './sqlite-layouts';
import { readyOf, SCHEDULE_WORDS, stage } from './sqlite-staging';
import { SqliteWriter } from './sqlite-writer';

/**
 * SQLite 3.35 and later, with all three drivers. Lists travel as one JSON parameter, so that a statement's text stays
 * the same and the driver prepares it once.
 */
export class SqliteDialect implements SqlDialect {
  readonly name = 'sqlite';
  readonly db: SerialExecutor;
  readonly faults = new FaultReporter('sqlite', SQLITE_FAULTS);
  readonly now = SQLITE_NOW;
  readonly columns = jobColumns({ id: ID, payload: 'cast(payload as text)' });
  readonly idText = ID;
  readonly deleteFrom = (table: string): string => `delete from ${table}`;
  readonly keptColumns = keptColumns({ id: ID, payload: 'cast(payload as text)' });
  readonly pipelineNames = walkedNames('min');
  readonly countWords = joinedCounts('select value as pipeline from json_each(?)');
  private readonly kept: SqliteKeptJobs;
  readonly unique: SqliteUniqueStore;
  readonly history: SqliteHistory;
  readonly numbering = (table: string, before: number): string =>
    `update ${table} as d set seq = ${before} + 1 + n.key from json_each(?) as n where d.id = n.value`;
  readonly scheduleWords = SCHEDULE_WORDS;
  readonly journalWords = { ...STANDARD_JOURNAL_WORDS, locked: '' };
  readonly callers: SqliteCallers;
  readonly oneWriter: SqliteWriter;

  constructor(
    file: SqliteFile,
    readonly table: JobTable,
  ) {
    this.db = new SerialExecutor(file, this.faults);
    this.kept = new SqliteKeptJobs(table);
    this.unique = new SqliteUniqueStore(this);
    this.history = new SqliteHistory(table);
    this.callers = new SqliteCallers(this.db, file.path);
    this.oneWriter = new SqliteWriter(this.db, this.faults, table);
  }

  payloadParameter(): string {
    return '?';
  }

  session(runner: QueryRunner): Promise<SqlSession> {
    return Promise.resolve(new RunnerSession(runner));
  }

  async checkServer(): Promise<void> {
    const [server] = await this.db.rows<{ version: string }>('select sqlite_version() as version');
    const [major = 0, minor = 0] = (server?.version ?? '').split('.').map(Number);
    if (major < 3 || (major === 3 && minor < 35)) {
      throw new UnsupportedServerError(`SQLite ${server?.version}`, 'SQLite 3.35 or later');
    }
  }

  exclusively(work: (db: SqlSession) => Promise<void>): Promise<void> {
    return this.db.transaction(work);
  }

  async put(rows: readonly NewRow[], { transaction }: PutOptions = {}): Promise<JobId[]> {
    if (transaction instanceof SqliteSession) return storeAll(this.table, rows, transaction);
    if (transaction) return storeWithin(this.table, rows, transaction);
    if (rows.length === 1) return [await this.db.insert(...sqliteInsert(this.table, rows))];
    return this.db.transaction((db) => storeAll(this.table, rows, db));
  }

  async exchange({ deletes, keeps = [], changes, claim }: SqlExchange): Promise<SqlExchangeAnswer> {
    const parts = [deletes.length > 0, keeps.length > 0, changes.length > 0, claim !== undefined];
    if (keeps.length === 0 && parts.filter(Boolean).length <= 1)
      return this.atOnce({ deletes, changes, claim });
    return this.db.transaction(async (db) => ({
      settled: [
        ...(keeps.length > 0 ? await this.kept.keep(db, keeps) : []),
        ...(deletes.length > 0 ? await this.deleteAll(db, deletes) : []),
        ...(changes.length > 0 ? await changeHeld(this.table, db, changes) : []),
      ],
      claimed: claim ? await claimedWithin(this.table, db, claim) : [],
    }));
  }

  async remove(hold: Hold, transaction: SqlSession, keep?: Keep): Promise<boolean> {
    if (keep) await this.kept.write(transaction, [{ ...hold, keep }], { overdue: true });
    // Its time may be over: the transaction holds the file's lock, so no worker could renew it, or take it.
    const removed = await transaction.rows(
      `delete from ${this.table.jobs} where id = ? and token = ? and state = 'reserved' returning 1`,
      [hold.id, hold.token],
    );
    return removed.length === 1;
  }

  async touch(holds: readonly Hold[], { overdue = false }: TouchOptions = {}): Promise<JobId[]> {
    const touched = await this.db.rows<{ id: JobId }>(
      `update ${this.table.jobs} set due_at = ${this.now} + ${leaseMs} where ${overdue ? TAKEN : this.held} returning ${ID} as id`,
      heldBy(holds),
    );
    return touched.map(({ id }) => id);
  }

  async noteLoneRun(hold: Hold): Promise<boolean> {
    const note = `update ${this.table.jobs} set flags = ${begun}, due_at = ${this.now} + ttr_ms + ${LONE_GRACE_MS} where ${this.held}`;
    return (await this.db.change(note, heldBy([hold]))) === 1;
  }

  async undo(hold: Hold): Promise<void> {
    await this.db.rows(
      `update ${this.table.jobs} set due_at = ${this.now}, flags = ${undone} where ${this.held}`,
      heldBy([hold]),
    );
  }

  async giveBack(holds: readonly Hold[]): Promise<void> {
    await this.db.rows(
      `update ${this.table.jobs} set state = 'ready', due_at = null, token = null, flags = ${givenBack} where ${this.held}`,
      heldBy(holds),
    );
  }

  async giveBackClaims(tokens: readonly string[]): Promise<void> {
    await this.db.rows(
      `update ${this.table.jobs} set state = 'ready', due_at = null, token = null
where state in ('delayed', 'reserved') and state = 'reserved' and token in (select value from json_each(?))`,
      [JSON.stringify(tokens)],
    );
  }

  stage(request: StageRequest): Promise<Staged> {
    return stage(this, request);
  }

  readyOf(pipelines: readonly string[]): Promise<string[]> {
    return readyOf(this, pipelines);
  }

  /** A commit tells other processes enough. */
  announce(): void {}

  kick(pipeline: string, condition: string, limit: number, sets: string): Promise<number> {
    const { jobs } = this.table;
    return inPieces(limit, (piece) =>
      this.db.change(
        `update ${jobs} set ${sets} where id in (
  select id from ${jobs} where pipeline = ? and ${condition} order by due_at, id limit ?)`,
        [pipeline, piece],
      ),
    );
  }

  async clear(pipeline: string, condition: string): Promise<number> {
    const { jobs } = this.table;
    // What is added meanwhile stays: beside a busy producer it would not end.
    const [newest] = await this.db.rows<{ id: JobId | null }>(
      `select cast(max(id) as text) as id from ${jobs}`,
    );
    return inPieces(Infinity, (piece) =>
      this.db.change(
        `delete from ${jobs} where id in (
  select id from ${jobs} where pipeline = ? and ${condition} and id <= ? limit ?)`,
        [pipeline, newest?.id ?? 0, piece],
      ),
    );
  }

  async pause(pipeline: string, duration: Seconds): Promise<void> {
    await this.db.rows(
      `replace into ${this.table.pauses} (pipeline, paused_until) values (?, min(${this.now} + ?, ${FOR_EVER}))`,
      [pipeline, pauseMilliseconds(duration)],
    );
  }

  // The primary key finds the rows. That ids and tokens are matched as two sets is enough, see SqlLeases.
  private get held(): string {
    return `${TAKEN} and due_at > ${this.now}`;
  }

  /**
   * One statement. In a transaction promises pass while it has the file's lock, for which a statement of this process on
   * another connection cannot wait: an idle worker, who looks again and again, would be in the application's way.
   */
  private async atOnce({ deletes, changes, claim }: SqlExchange): Promise<SqlExchangeAnswer> {
    const { db, table } = this;
    if (claim) return { settled: [], claimed: await claimedAtOnce(table, db, claim) };
    const settled = deletes.length > 0 ? this.delete(db, deletes) : changeHeld(table, db, changes);
    return { settled: await settled, claimed: [] };
  }

  /**
   * As `delete`, in a transaction. By their number, where that is all: `returning` takes a third of the statement's time,
   * and that some are lost is rare.
   */
  private async deleteAll(db: SqlSession, deletes: readonly Hold[]): Promise<JobId[]> {
    await db.rows('savepoint deletion');
    const deleted = await db.change(`delete from ${this.table.jobs} where ${this.held}`, heldBy(deletes));
    const all = deleted === deletes.length;
    if (!all) await db.rows('rollback to deletion');
    await db.rows('release deletion');
    return all ? deletes.map(({ id }) => id) : this.delete(db, deletes);
  }

  /** Returns the ids of those that were still held. */
  private async delete(db: SqlSession, deletes: readonly Hold[]): Promise<JobId[]> {
    const deleted = await db.rows<{ id: JobId }>(
      `delete from ${this.table.jobs} where ${this.held} returning ${ID} as id`,
      heldBy(deletes),
    );
    return deleted.map(({ id }) => id);
  }

  markGarbled<J extends { readonly id: JobId; readonly payload: string }>(
    jobs: J[],
    table: string,
  ): Promise<J[]> {
    return withGarbledMarked(jobs, this.db, table);
  }
}

/** Of rows that are held, or whose time is over and that nobody has freed. */
const TAKEN = `id in (select value from json_each(?)) and token in (select value from json_each(?))
  and state = 'reserved'`;

/** As text: drivers round numbers beyond 2^53, or refuse them. */
const ID = 'cast(id as text)';
