import type { QueryRunner } from 'typeorm';
import type { JobId, Seconds } from '../../../core/contract/job-data';
import type { Keep } from '../../../core/contract/ports/history';
import type { ClaimOrder } from '../claims/claim-order';
import { LowWaterMarks } from '../claims/low-water-marks';
import { Connections } from '../connection/connections';
import type { BorrowedSession, SqlSession } from '../connection/executor';
import { FaultReporter } from '../connection/fault-reporter';
import { unitedCounts } from '../engine/counted-each';
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
import { distinctNames } from '../engine/pipeline-names';
import { keptColumns } from '../history/kept-row';
import { jobColumns, type JobRow, type JobTable, reservedJob } from '../layouts/job-table';
import { consecutiveIds } from '../puts/stored-ids';
import type { ScheduleWords } from '../schedules/schedule-words';
import { candidates, claimStatements } from './claim/mysql-claim';
import { FoundJobs, idsOf } from './claim/mysql-found-jobs';
import { HeldJobs } from './claim/mysql-held-jobs';
import { MysqlCallers } from './connection/mysql-callers';
import type { MysqlClient, MysqlSource } from './connection/mysql-connection';
import { withNamedLock } from './connection/mysql-named-lock';
import { checkPacket } from './connection/mysql-packet';
import { checkSession } from './connection/mysql-session';
import { isMariadb } from './connection/mysql-version';
import { oneByOne, ScriptExecutor, type ScriptStatement } from './connection/script-executor';
import type { SideConnection } from './connection/side-connection';
import { MYSQL_FAULTS } from './mysql-faults';
import { MYSQL_JOURNAL_WORDS } from './mysql-journal-words';
import { MysqlHistory } from './mysql-layouts';
import { readyOf, stage } from './mysql-staging';
import { writingNothing } from './mysql-writing';
import { mysqlInsert } from './put/mysql-insert';
import { MysqlUniqueStore } from './put/mysql-unique-store';

export interface MysqlDialectOptions {
  /** Store payloads with the server's COMPRESS, as the seed library does. */
  readonly compression: boolean;
  /** The connections take several statements in one packet. */
  readonly multipleStatements: boolean;
  /** Of each statement. */
  readonly deadline: Seconds;
  /** Where the connections are the application's. */
  readonly side?: SideConnection;
}

/**
 * MySQL 8.0.1 and MariaDB 10.6 and later. There is no `update … returning`, so that a claim is an update and a
 * select in one transaction; all of an exchange travels in one packet where the connection allows that.
 */
export class MysqlDialect implements SqlDialect {
  readonly name = 'mysql';
  readonly db: ScriptExecutor;
  readonly faults = new FaultReporter('mysql', MYSQL_FAULTS);
  // Not unix_timestamp(now()): in the hour that the clocks go back twice, that is ambiguous in a session's time zone.
  readonly now = `(timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000)`;
  readonly columns: string;
  readonly idText = 'cast(id as char)';
  readonly keptColumns: string;
  // As the statements about held jobs are.
  readonly deleteFrom = (table: string): string => `delete j from ${table} j force index (primary)`;
  readonly numbering = (table: string, before: number): string =>
    `update json_table(?, '$[*]' columns (place for ordinality, id bigint path '$')) n straight_join ${table} d force index (primary) on d.id = n.id set d.seq = ${before} + n.place`;
  readonly isolation = 'READ COMMITTED';
  readonly byPrimaryKey = ' force index (primary)';
  /** With fewer the fixed costs of two transactions, of eight statements each, outweigh what they gain. */
  readonly abreastFrom = 200;
  readonly pipelineNames = distinctNames;
  readonly countWords = unitedCounts;
  readonly unique: MysqlUniqueStore;
  /** Quick claims need none. */
  private readonly marks = new LowWaterMarks(10);
  readonly history: MysqlHistory;
  readonly callers: MysqlCallers;
  readonly scheduleWords: ScheduleWords;
  readonly journalWords = MYSQL_JOURNAL_WORDS;
  packet = Infinity;
  /** `insert … returning` is MariaDB's. */
  private insertsReturn = false;
  private readonly held: HeldJobs;
  private readonly found: FoundJobs;
  /** For what a transaction of the application's waits for. */
  readonly side: ScriptExecutor;

  constructor(
    private readonly pool: MysqlSource,
    readonly table: JobTable,
    private readonly options: MysqlDialectOptions,
  ) {
    const connections = new Connections(pool, this.faults, options.deadline);
    this.db = new ScriptExecutor(connections, this.faults, options.multipleStatements);
    const payload = options.compression ? { payload: COMPRESSED_PAYLOAD } : {};
    this.columns = jobColumns(payload);
    this.keptColumns = keptColumns({ id: this.idText, ...payload });
    this.history = new MysqlHistory(table, options.compression);
    this.callers = new MysqlCallers(this.db);
    this.scheduleWords = {
      byNext: ` force index (${table.index('sched_next')})`,
      byName: ' force index (primary)',
      locked: ' for update',
      lockedIfFree: ' for update skip locked',
      unlessThere: (key) => ` on duplicate key update ${key} = ${key}`,
    };
    this.held = new HeldJobs(this);
    this.found = new FoundJobs(this);
    const { side, deadline, multipleStatements } = options;
    this.side = side
      ? new ScriptExecutor(new Connections(side, this.faults, deadline), this.faults, multipleStatements)
      : this.db;
    this.unique = new MysqlUniqueStore(this, this.payloadSql);
  }

  async checkServer(): Promise<void> {
    const [server] = await this.db.rows<{ version: string; comment: string; packet: number | string }>(
      'select version() as version, @@version_comment as comment, @@max_allowed_packet as packet',
    );
    this.packet = Number(server?.packet);
    this.insertsReturn = isMariadb(server?.version ?? '', server?.comment);
    await checkSession(this.db);
  }

  payloadParameter(payload: string): string {
    checkPacket([{ payload }], this.packet);
    return this.payloadSql;
  }

  async session(runner: QueryRunner): Promise<BorrowedSession> {
    const client = (await runner.connect()) as MysqlClient;
    this.options.side?.madeAs(client);
    return this.pool.borrowed(client, this.options.deadline);
  }

  exclusively(work: (db: SqlSession) => Promise<void>): Promise<void> {
    return this.db.patient.session((db) => withNamedLock(db, `job queue ${this.table.title}`, work));
  }

  async put(rows: readonly NewRow[], { transaction }: PutOptions = {}): Promise<JobId[]> {
    checkPacket(rows, this.packet);
    const ids = await this.insert(rows, transaction);
    if (!transaction) this.marks.added(rows, ids);
    return ids;
  }

  exchange(request: SqlExchange): Promise<SqlExchangeAnswer> {
    return this.marks.exchange(request, (after) => this.exchangeBehind(request, after));
  }

  claimsSlowly(pipeline: string): boolean {
    return this.marks.isOver(pipeline);
  }

  async remove({ id, token }: Hold, transaction: SqlSession, keep?: Keep): Promise<boolean> {
    if (keep) {
      const ends = [{ id, token, keep }];
      const script = [this.held.moment, this.held.lock(ends), this.held.keep(ends), this.held.delete(ends)];
      const [, held] = await oneByOne(transaction, script);
      return held?.length === 1;
    }
    const removed = await transaction.change(
      `delete from ${this.table.jobs} where id = ? and token = ? and state = 'reserved' and due_at > ${this.now}`,
      [id, token],
    );
    return removed === 1;
  }

  async touch(holds: readonly Hold[], { overdue = false }: TouchOptions = {}): Promise<JobId[]> {
    const [, touched] = await this.db.script([
      overdue ? this.held.anyMoment : this.held.moment,
      this.held.lock(holds),
      this.held.renew(holds),
    ]);
    return idsOf(touched);
  }

  async noteLoneRun(hold: Hold): Promise<boolean> {
    const [, ours] = await this.db.script([
      this.held.moment,
      this.held.lock([hold]),
      this.held.noteLoneRun(hold),
    ]);
    return ours?.length === 1;
  }

  async undo(hold: Hold): Promise<void> {
    await this.db.script([this.held.moment, this.held.undo(hold)]);
  }

  async giveBack(holds: readonly Hold[]): Promise<void> {
    await this.db.script([this.held.moment, this.held.giveBack(holds)]);
    this.marks.lowerAll();
  }

  async giveBackClaims(tokens: readonly string[]): Promise<void> {
    await this.found.giveBackClaims(tokens);
    this.marks.lowerAll();
  }

  async stage(request: StageRequest): Promise<Staged> {
    const staged = await stage(this, request);
    this.marks.lower(staged.pipelines);
    return staged;
  }

  async readyOf(pipelines: readonly string[]): Promise<string[]> {
    const ready = await readyOf(this, pipelines);
    // Somebody waits all the same: the mark may have passed them.
    this.marks.lower(ready);
    return ready;
  }

  /** Other processes poll. */
  announce(pipelines: readonly string[]): void {
    this.marks.lower(pipelines);
  }

  kick(pipeline: string, condition: string, limit: number, sets: string): Promise<number> {
    return this.found.kick(pipeline, condition, limit, sets);
  }

  clear(pipeline: string, condition: string): Promise<number> {
    return this.found.clear(pipeline, condition);
  }

  async pause(pipeline: string, duration: Seconds): Promise<void> {
    await this.db.change(
      `replace into ${this.table.pauses} (pipeline, paused_until) values (?, least(${this.now} + ?, ${FOR_EVER}))`,
      [pipeline, pauseMilliseconds(duration)],
    );
  }

  private get payloadSql(): string {
    return this.options.compression ? 'compress(?)' : '?';
  }

  private async insert(rows: readonly NewRow[], transaction?: SqlSession): Promise<JobId[]> {
    const insert = mysqlInsert(this, rows, this.payloadSql);
    if (this.insertsReturn) {
      const inserted = await (transaction ?? this.db).rows<{ id: number }>(
        `${insert.sql} returning id`,
        insert.parameters,
      );
      // Galera runs a statement again when another node's transaction was in its way (wsrep_retry_autocommit), and the
      // rows of the run that was undone have been sent before those that exist.
      return inserted.slice(-rows.length).map(({ id }) => String(id));
    }
    // The ids of one insert of known length are consecutive, in steps of auto_increment_increment (a cluster's is not 1).
    const script = [insert, { sql: 'select last_insert_id() as first, @@auto_increment_increment as step' }];
    const [, answer] = await (transaction ? oneByOne(transaction, script) : this.db.script(script));
    const { first, step } = answer?.[0] as { first: string | number; step: number };
    return consecutiveIds(first, rows.length, step);
  }

  /** Its claim begins behind that place, where there is one. */
  async exchangeBehind(
    { deletes, keeps = [], changes, claim }: SqlExchange,
    after: ClaimOrder | undefined,
  ): Promise<SqlExchangeAnswer> {
    const script: ScriptStatement[] = [];
    const settles: number[] = [];
    const settle = (holds: readonly Hold[], ...settlement: readonly ScriptStatement[]) => {
      script.push(this.held.moment);
      settles.push(script.push(this.held.lock(holds)) - 1);
      script.push(...settlement);
    };
    if (deletes.length > 0) settle(deletes, this.held.delete(deletes));
    if (keeps.length > 0) settle(keeps, this.held.keep(keeps), this.held.delete(keeps));
    if (changes.length > 0)
      settle(changes, ...changes.flatMap((change) => this.held.remember(change)), this.held.change(changes));
    const look = claim && after && candidates(this, claim, after);
    const found = look && idsOf(await this.db.rows(look.sql, look.parameters));
    const claims = claim ? claimStatements(this, claim, found) : [];
    if (script.length + claims.length === 0) {
      if (claim) await this.db.change(writingNothing(this.table));
      return { settled: [], claimed: [] };
    }
    const answers = await this.db.script([...script, ...claims]);
    const settled = settles.flatMap((index) => idsOf(answers[index]));
    const claimed = claims.length > 0 ? (answers.at(-1) as JobRow[]).map(reservedJob) : [];
    // Rivals have taken or locked some of the first ones. Where fewer were found than asked for, there are no others.
    const more = found?.length === claim?.limit && claimed.length < (found?.length ?? 0);
    // What is settled is answered before anything else may fail.
    if (!claim || !more || claimed.length + script.length > 0) return { settled, claimed, more };
    // All of them: the index passes over them.
    return this.exchangeBehind({ deletes, keeps, changes, claim }, undefined);
  }
}

/**
 * UNCOMPRESS returns null for what is not compressed: another program may have added plain text. Bytes, because the
 * server would put a `?` for each one that is not UTF-8.
 */
const COMPRESSED_PAYLOAD = 'coalesce(uncompress(payload), payload)';
