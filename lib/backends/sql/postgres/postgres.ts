import type { QueryRunner } from 'typeorm';
import { UnsupportedServerError } from '../../../core/contract/errors';
import type { JobId, Seconds } from '../../../core/contract/job-data';
import type { Keep } from '../../../core/contract/ports/history';
import type { ClaimOrder } from '../claims/claim-order';
import { begun, givenBack, leaseMs, LONE_GRACE_MS, undone } from '../claims/lone-run';
import { LowWaterMarks } from '../claims/low-water-marks';
import { Connections } from '../connection/connections';
import { driverErrorOf } from '../connection/driver-error';
import type { BorrowedSession, SqlSession } from '../connection/executor';
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
import { refuseForeignEngine } from '../open/foreign-engines';
import { allStored } from '../puts/stored-ids';
import { PostgresCallers } from './connection/postgres-callers';
import type { PgClient, PostgresSource } from './connection/postgres-connection';
import { PostgresExecutor } from './connection/postgres-executor';
import { exchangeAnswer, type ExchangeRow } from './postgres-answer';
import { POSTGRES_FAULTS } from './postgres-faults';
import { keepCall, keepParameters } from './postgres-keep';
import { PostgresHistory } from './postgres-layouts';
import { settlementStatement, tokensOf } from './postgres-settlement';
import { readyStatement, SCHEDULE_WORDS, stagedOf, type StagedRow, stageStatement } from './postgres-staging';
import { haveHeaders, pipelinesOf, POSTGRES_NOW, PostgresInsert } from './put/postgres-insert';
import { PostgresUniqueStore } from './put/postgres-unique-store';
import { rowSecurityCaveats } from './row-security';
import { PostgresNotifier } from './wake-up/postgres-notifier';

const NEEDED = 'PostgreSQL 12 or later';

/** PgBouncer's answer to a transaction in statement mode. */
const PROTOCOL_VIOLATION = '08P01';

/** PostgreSQL 12 and later. */
export class PostgresDialect implements SqlDialect {
  readonly name = 'postgres';
  readonly db: PostgresExecutor;
  readonly faults = new FaultReporter('postgres', POSTGRES_FAULTS);
  readonly now = POSTGRES_NOW;
  readonly columns = jobColumns();
  readonly idText = 'id::text';
  readonly keptColumns = keptColumns({ id: this.idText });
  readonly deleteFrom = (table: string): string => `delete from ${table}`;
  readonly pipelineNames = walkedNames('pg_catalog.min');
  readonly countWords = joinedCounts(
    'select names.pipeline from pg_catalog.json_array_elements_text(?::json) as names (pipeline)',
  );
  readonly unique: PostgresUniqueStore;
  private readonly inserts: PostgresInsert;
  readonly isolation = 'READ COMMITTED';
  /** Each has a server process of its own. */
  readonly abreastFrom = 1;
  readonly history: PostgresHistory;
  readonly numbering = (table: string, before: number): string =>
    `update ${table} as d set seq = ${before} + n.place from pg_catalog.json_array_elements_text(?::json) with ordinality as n (id, place) where d.id = n.id::bigint`;
  readonly scheduleWords = SCHEDULE_WORDS;
  readonly journalWords = { ...STANDARD_JOURNAL_WORDS, locked: ' for update' };
  readonly notifier: PostgresNotifier;
  readonly callers: PostgresCallers;
  /** Of claims however quick: planned on an almost empty table, one costs little beside the entries of deleted jobs. */
  readonly marks = new LowWaterMarks(0);

  constructor(
    private readonly pool: PostgresSource,
    readonly table: JobTable,
    private readonly deadline: Seconds,
  ) {
    this.db = new PostgresExecutor(new Connections(pool, this.faults, deadline), this.faults);
    this.inserts = new PostgresInsert(table);
    this.unique = new PostgresUniqueStore(this.db, table);
    this.history = new PostgresHistory(table);
    this.notifier = new PostgresNotifier(this.db, table.title);
    this.callers = new PostgresCallers(this.db, this.notifier);
  }

  payloadParameter(): string {
    return '?';
  }

  async session(runner: QueryRunner): Promise<BorrowedSession> {
    return this.pool.borrowed((await runner.connect()) as PgClient, this.deadline);
  }

  async checkServer(): Promise<void> {
    // First the name alone: not every engine that imitates PostgreSQL has the settings.
    const [server] = await this.db.rows<{ version: string }>('select pg_catalog.version() as version');
    refuseForeignEngine(server?.version ?? '', NEEDED);
    const [{ number, text }] = (await this.db.rows<{ number: number; text: string }>(
      `select pg_catalog.current_setting('server_version_num')::int as number, pg_catalog.current_setting('server_version') as text`,
    )) as [{ number: number; text: string }];
    if (number < 120_000) throw new UnsupportedServerError(`PostgreSQL ${text}`, NEEDED);
    await this.checkTransactions();
  }

  private async checkTransactions(): Promise<void> {
    try {
      await this.db.transaction(() => Promise.resolve());
    } catch (error) {
      const { code } = driverErrorOf((error as Error).cause);
      if (code !== PROTOCOL_VIOLATION) throw error;
      throw new UnsupportedServerError('PgBouncer in statement mode', 'pool_mode = transaction or session');
    }
  }

  caveats(): Promise<readonly string[]> {
    return rowSecurityCaveats(this.db, this.table);
  }

  exclusively(work: (db: SqlSession) => Promise<void>): Promise<void> {
    return this.db.patient.transaction(async (db) => {
      // `create table if not exists` alone is not safe: two at once collide in the catalogue.
      await db.rows('select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext($1))', [
        `job queue ${this.table.title}`,
      ]);
      // Whoever waits for a table here makes all others wait behind it: better to let them pass, and try again.
      await db.rows(`set local lock_timeout = '5s'`);
      await work(db);
    });
  }

  async put(rows: readonly NewRow[], { transaction }: PutOptions = {}): Promise<JobId[]> {
    if (transaction) return this.idsOf(rows, await transaction.rows(...this.inserts.of(rows)));
    const ready = pipelinesOf(rows);
    const notice = ready.size > 0 && !haveHeaders(rows) ? this.notifier.withPut(ready) : undefined;
    const ids = this.idsOf(rows, await this.db.prepared(...this.inserts.of(rows, notice)));
    this.marks.added(rows, ids);
    if (!notice) this.notifier.tell(ready);
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
      const call = `select * from ${keepCall(this.table, 1)}`;
      const [kept] = await transaction.rows<ExchangeRow>(call, keepParameters([{ id, token, keep }]));
      return kept?.payload === id;
    }
    const removed = await transaction.rows(
      `delete from ${this.table.jobs} where ${this.held('$1', '$2')} returning 1`,
      [[id], [token]],
    );
    return removed.length === 1;
  }

  async touch(holds: readonly Hold[], { overdue = false }: TouchOptions = {}): Promise<JobId[]> {
    const touched = await this.db.prepared<{ id: string }>(
      `update ${this.table.jobs} set due_at = ${this.now} + ${leaseMs} where ${this.held('$1', '$2', overdue)} returning id::text as id`,
      [holds.map(({ id }) => id), tokensOf(holds)],
    );
    return touched.map(({ id }) => id);
  }

  async noteLoneRun({ id, token }: Hold): Promise<boolean> {
    const note = `update ${this.table.jobs} set flags = ${begun}, due_at = ${this.now} + ttr_ms + ${LONE_GRACE_MS} where ${this.held('$1', '$2')}`;
    return (await this.db.change(note, [[id], [token]])) === 1;
  }

  async undo({ id, token }: Hold): Promise<void> {
    await this.db.change(
      `update ${this.table.jobs} set due_at = ${this.now}, flags = ${undone} where ${this.held('$1', '$2')}`,
      [[id], [token]],
    );
  }

  async giveBack(holds: readonly Hold[]): Promise<void> {
    await this.db.change(
      `update ${this.table.jobs} set state = 'ready', due_at = null, token = null, flags = ${givenBack} where ${this.held('$1', '$2')}`,
      [holds.map(({ id }) => id), tokensOf(holds)],
    );
    this.marks.lowerAll();
  }

  async giveBackClaims(tokens: readonly string[]): Promise<void> {
    await this.db.change(
      `update ${this.table.jobs} set state = 'ready', due_at = null, token = null
where state in ('delayed', 'reserved') and state = 'reserved' and token = any($1::text[])`,
      [tokens],
    );
    this.marks.lowerAll();
  }

  async stage(request: StageRequest): Promise<Staged> {
    const rows = await this.db.rows<StagedRow>(...stageStatement(this.table, request));
    const staged = stagedOf(rows);
    this.marks.lower(staged.pipelines);
    return staged;
  }

  async readyOf(pipelines: readonly string[]): Promise<string[]> {
    const ready = await this.db.rows<{ pipeline: string }>(readyStatement(this.table), [pipelines]);
    const names = ready.map(({ pipeline }) => pipeline);
    // Somebody waits all the same: the mark has passed them.
    this.marks.lower(names);
    return names;
  }

  announce(pipelines: readonly string[]): void {
    this.marks.lower(pipelines);
    this.notifier.tell(pipelines);
  }

  announceCancelled = (transaction: SqlSession) => this.notifier.tellCancelled(transaction);

  kick(pipeline: string, condition: string, limit: number, sets: string): Promise<number> {
    const { jobs } = this.table;
    // Two kicks at once take different jobs.
    return this.db.patient.change(
      `update ${jobs} set ${sets} where id = any(array(
  select id from ${jobs} where pipeline = $1 and ${condition} order by due_at, id limit $2 for update skip locked))`,
      [pipeline, limit],
    );
  }

  clear(pipeline: string, condition: string): Promise<number> {
    return this.db.patient.change(`delete from ${this.table.jobs} where pipeline = $1 and ${condition}`, [
      pipeline,
    ]);
  }

  async pause(pipeline: string, duration: Seconds): Promise<void> {
    await this.db.change(
      `insert into ${this.table.pauses} (pipeline, paused_until) values ($1, least(${this.now} + $2::bigint, ${FOR_EVER}))
on conflict (pipeline) do update set paused_until = excluded.paused_until`,
      [pipeline, pauseMilliseconds(duration)],
    );
  }

  private idsOf(rows: readonly NewRow[], [answer]: readonly { readonly ids: string | null }[]): JobId[] {
    return allStored(this.name, rows, answer?.ids?.split(' '));
  }

  private async exchangeBehind(
    { deletes, keeps = [], changes, claim }: SqlExchange,
    after: ClaimOrder | undefined,
  ): Promise<SqlExchangeAnswer> {
    const statement = settlementStatement(this.table, { deletes, keeps, changes, claim }, after);
    const rows = await this.db.prepared<ExchangeRow>(...statement);
    return exchangeAnswer(rows, deletes, claim?.pipeline ?? '');
  }

  // The primary key finds the rows. `state || ''` keeps the planner from the index of due jobs, which serves rows
  // of a plain `state = 'reserved'`: as long as its statistics say that few are reserved it would rather scan all
  // of that index, and with it every entry that a deleted job has left there. That ids and tokens are matched as
  // two sets is enough, see SqlLeases.
  private held(ids: string, tokens: string, overdue = false): string {
    return `id = any(${ids}::bigint[]) and token = any(${tokens}::text[]) and state || '' = 'reserved'${overdue ? '' : ` and due_at > ${this.now}`}`;
  }
}
