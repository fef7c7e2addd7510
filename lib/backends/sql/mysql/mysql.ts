import type { QueryRunner } from 'typeorm';
import { milliseconds } from '../../../core/contract/checks';
import type { JobId, RestingState, Seconds } from '../../../core/contract/job-data';
import { Connections } from '../connection/connections';
import type { BorrowedSession, SqlSession } from '../connection/executor';
import { FaultReporter } from '../connection/fault-reporter';
import type {
  Hold,
  NewRow,
  PutOptions,
  Promotion,
  SqlDialect,
  SqlExchange,
  SqlExchangeAnswer,
} from '../engine/dialect';
import { KICK, type KickedState } from '../engine/resting-jobs';
import { jobColumns, type JobRow, type JobTable, reservedJob } from '../layouts/job-table';
import { anyOf } from './mysql-any-of';
import { candidates, claimStatements } from './mysql-claim';
import type { MysqlClient, MysqlSource } from './mysql-connection';
import { MYSQL_FAULTS } from './mysql-faults';
import { HeldJobs } from './mysql-held-jobs';
import { mysqlInsert } from './mysql-insert';
import { MysqlHistory } from './mysql-layouts';
import { withNamedLock } from './mysql-named-lock';
import { checkPacket } from './mysql-packet';
import { dueJobs, promotion, type TimedState } from './mysql-promotion';
import { checkSession } from './mysql-session';
import { isMariadb } from './mysql-version';
import { oneByOne, ScriptExecutor, type ScriptStatement } from './script-executor';

/** The most rows that one statement moves, so that a backlog never means an endless one. */
const PIECE = 10_000;

export interface MysqlDialectOptions {
  /** Store payloads with the server's COMPRESS, as the seed library does. */
  readonly compression: boolean;
  /** The connections take several statements in one packet. */
  readonly multipleStatements: boolean;
  /** Of each statement. */
  readonly deadline: Seconds;
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
  readonly markFrom = 10;
  readonly isolation = 'READ COMMITTED';
  readonly history: MysqlHistory;
  packet = Infinity;
  /** `insert … returning` is MariaDB's. */
  private insertsReturn = false;
  private readonly held: HeldJobs;

  constructor(
    private readonly pool: MysqlSource,
    readonly table: JobTable,
    private readonly options: MysqlDialectOptions,
  ) {
    const connections = new Connections(pool, this.faults, options.deadline);
    this.db = new ScriptExecutor(connections, this.faults, options.multipleStatements);
    this.columns = jobColumns(options.compression ? { payload: COMPRESSED_PAYLOAD } : {});
    this.history = new MysqlHistory(table, options.compression);
    this.held = new HeldJobs(this);
  }

  async checkServer(): Promise<void> {
    const [server] = await this.db.rows<{ version: string; comment: string; packet: number | string }>(
      'select version() as version, @@version_comment as comment, @@max_allowed_packet as packet',
    );
    this.packet = Number(server?.packet);
    this.insertsReturn = isMariadb(server?.version ?? '', server?.comment);
    await checkSession(this.db);
  }

  async session(runner: QueryRunner): Promise<BorrowedSession> {
    return this.pool.connectionOf((await runner.connect()) as MysqlClient);
  }

  exclusively(work: (db: SqlSession) => Promise<void>): Promise<void> {
    return this.db.patient.session((db) => withNamedLock(db, `job queue ${this.table.title}`, work));
  }

  async put(rows: readonly NewRow[], { transaction }: PutOptions = {}): Promise<JobId[]> {
    checkPacket(rows, this.packet);
    const insert = mysqlInsert(this, rows, this.options.compression);
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
    const ids = 'select last_insert_id() as first, @@auto_increment_increment as step';
    const script = [insert, { sql: ids }];
    const [, answer] = await (transaction ? oneByOne(transaction, script) : this.db.script(script));
    const { first, step } = answer?.[0] as { first: string | number; step: number };
    return rows.map((_, index) => String(BigInt(first) + BigInt(index * step)));
  }

  async exchange({ deletes, changes, claim }: SqlExchange): Promise<SqlExchangeAnswer> {
    const script: ScriptStatement[] = [];
    const settles: number[] = [];
    const settle = (holds: readonly Hold[], settlement: ScriptStatement) => {
      script.push(this.held.moment);
      settles.push(script.push(this.held.lock(holds)) - 1);
      script.push(settlement);
    };
    if (deletes.length > 0) settle(deletes, this.held.delete(deletes));
    if (changes.length > 0) settle(changes, this.held.change(changes));
    const look = claim?.after && candidates(this, claim, claim.after);
    const found = look && idsOf(await this.db.rows(look.sql, look.parameters));
    const claims = claim ? claimStatements(this, claim, found) : [];
    if (script.length + claims.length === 0) return { settled: [], claimed: [] };
    const answers = await this.db.script([...script, ...claims]);
    const settled = settles.flatMap((index) => idsOf(answers[index]));
    const claimed = claims.length > 0 ? (answers.at(-1) as JobRow[]).map(reservedJob) : [];
    // Rivals have taken or locked some of the first ones. Where fewer were found than asked for, there are no others.
    const more = found?.length === claim?.limit && claimed.length < (found?.length ?? 0);
    // What is settled is answered before anything else may fail.
    if (!claim || !more || claimed.length + script.length > 0) return { settled, claimed, more };
    // All of them: the index passes over them.
    const { pipeline, limit, token } = claim;
    return this.exchange({ deletes, changes, claim: { pipeline, limit, token } });
  }

  async remove({ id, token }: Hold, transaction: SqlSession): Promise<boolean> {
    const removed = await transaction.change(
      `delete from ${this.table.jobs} where id = ? and token = ? and state = 'reserved' and due_at > ${this.now}`,
      [id, token],
    );
    return removed === 1;
  }

  async touch(holds: readonly Hold[]): Promise<JobId[]> {
    const [, touched] = await this.db.script([
      this.held.moment,
      this.held.lock(holds),
      this.held.renew(holds),
    ]);
    return idsOf(touched);
  }

  async giveBack(holds: readonly Hold[]): Promise<void> {
    await this.db.script([this.held.moment, this.held.giveBack(holds)]);
  }

  /** A claim that is carried out and not committed yet is not seen: its jobs are ready again when their time is over. */
  async giveBackClaims(tokens: readonly string[]): Promise<void> {
    const { jobs } = this.table;
    const taken = anyOf('token', tokens);
    const condition = `state = 'reserved' and ${taken.sql}`;
    await this.changeFound(
      { sql: `select id from ${jobs} where ${condition}`, parameters: taken.parameters },
      (ids) => ({
        sql: `update ${jobs} force index (primary) set state = 'ready', due_at = null, token = null
where ${ids.sql} and ${condition}`,
        parameters: [...ids.parameters, ...taken.parameters],
      }),
    );
  }

  async promote(pipelines: readonly string[]): Promise<Promotion> {
    const { jobs, pauses } = this.table;
    // A look first: an update takes locks even when it finds nothing. One state at a time, so that the index serves.
    const [look] = await this.db.rows<{ due_in: string | null; resumed_in: string | null }>(
      `select
  least(coalesce((select min(due_at) from ${jobs} where state = 'delayed'), ${NEVER}),
    coalesce((select min(due_at) from ${jobs} where state = 'reserved'), ${NEVER})) - ${this.now} as due_in,
  coalesce((select min(paused_until) from ${pauses} where paused_until > ${this.now}), ${NEVER}) - ${this.now} as resumed_in`,
    );
    const dueIn = Number(look?.due_in);
    if (dueIn > 0) {
      return {
        pipelines: await this.ready(pipelines),
        next: Math.min(dueIn, Number(look?.resumed_in)) / 1000,
      };
    }
    const promoted = [...(await this.promoteDue('delayed')), ...(await this.promoteDue('reserved'))];
    return { pipelines: promoted, next: SOON };
  }

  kick(pipeline: string, state: KickedState, limit: number): Promise<number> {
    const { jobs } = this.table;
    return this.changeFound(
      {
        sql: `select id from ${jobs} where pipeline = ? and state = '${state}' order by due_at, id`,
        parameters: [pipeline],
      },
      ({ sql, parameters }) => ({
        sql: `update ${jobs} force index (primary) set ${KICK} where ${sql} and state = '${state}'`,
        parameters,
      }),
      limit,
    );
  }

  async clear(pipeline: string, state: RestingState): Promise<number> {
    const { jobs } = this.table;
    // What is added meanwhile stays: beside a busy producer it would not end.
    const [newest] = await this.db.rows<{ id: number | string | null }>(`select max(id) as id from ${jobs}`);
    return this.changeFound(
      {
        sql: `select id from ${jobs} where pipeline = ? and state = '${state}' and id <= ?`,
        parameters: [pipeline, newest?.id ?? 0],
      },
      ({ sql, parameters }) => ({
        sql: `delete j from ${jobs} j force index (primary) where ${sql} and state = '${state}'`,
        parameters,
      }),
    );
  }

  async pause(pipeline: string, duration: Seconds): Promise<void> {
    await this.db.change(
      `replace into ${this.table.pauses} (pipeline, paused_until) values (?, ${this.now} + ?)`,
      [pipeline, milliseconds(duration)],
    );
  }

  /**
   * Looks without locks, and then changes by the primary key what is still so, in pieces of one transaction each: a
   * change that looks by itself locks all rows on its way, and waits for those that others have locked. What somebody
   * else has changed in between does not count, and the next look finds another one in its place.
   */
  private async changeFound(
    look: Required<ScriptStatement>,
    change: (ids: Required<ScriptStatement>) => Required<ScriptStatement>,
    most = Infinity,
  ): Promise<number> {
    let changed = 0;
    for (;;) {
      const limit = Math.min(PIECE, most - changed);
      const piece = await this.db.transaction(async (db) => {
        const found = idsOf(await db.rows(`${look.sql} limit ${limit}`, look.parameters));
        if (found.length === 0) return { found: 0, changed: 0 };
        const { sql, parameters } = change(anyOf('id', found));
        return { found: found.length, changed: await db.change(sql, parameters) };
      });
      changed += piece.changed;
      const nothingLeft = piece.found < limit && piece.changed === piece.found;
      if (nothingLeft || changed === most) return changed;
    }
  }

  /** Answers the pipelines of what was due; none when all of it is locked. */
  private async promoteDue(state: TimedState): Promise<string[]> {
    const { sql } = dueJobs(this, state, PIECE);
    const due = await this.db.rows<{ id: number | string; pipeline: string }>(sql);
    if (due.length === 0) return [];
    const { sql: change, parameters } = promotion(this, state, idsOf(due));
    const promoted = await this.db.transaction((db) => db.change(change, parameters));
    return promoted > 0 ? due.map(({ pipeline }) => pipeline) : [];
  }

  private async ready(pipelines: readonly string[]): Promise<string[]> {
    if (pipelines.length === 0) return [];
    const one = `(select pipeline from ${this.table.jobs} where pipeline = ? and state = 'ready'
  and not exists (select 1 from ${this.table.pauses} where pipeline = ? and paused_until > ${this.now}) limit 1)`;
    const ready = await this.db.rows<{ pipeline: string }>(
      pipelines.map(() => one).join(' union all '),
      pipelines.flatMap((pipeline) => [pipeline, pipeline]),
    );
    return ready.map(({ pipeline }) => pipeline);
  }
}

/**
 * UNCOMPRESS returns null for what is not compressed: then somebody else may have added plain text. Bytes, because the
 * server would put a `?` for each one that is not UTF-8.
 */
const COMPRESSED_PAYLOAD = 'coalesce(uncompress(payload), payload)';

/** After a promotion, which may have passed over locked rows; in seconds. */
const SOON = 0.005;

/** Later than any moment that counts, in milliseconds since 1970. */
const NEVER = '9000000000000000';

function idsOf(rows: readonly object[] | undefined): JobId[] {
  return (rows as { id: number | string }[]).map(({ id }) => String(id));
}
