import type { DataSource } from 'typeorm';
import { milliseconds } from '../../../core/checks';
import type { JobId, Seconds } from '../../../core/job';
import type {
  Change,
  Hold,
  NewRow,
  PutOptions,
  Promotion,
  SqlDialect,
  SqlExchange,
  SqlExchangeAnswer,
} from '../dialect';
import { RunnerSession, type SqlSession, withRunner } from '../executor';
import { FaultReporter } from '../fault-reporter';
import { jobColumns, type JobRow, type JobTable, reservedJob } from '../job-table';
import { oneByOne, ScriptExecutor, type ScriptStatement } from '../script-executor';
import { claimStatements } from './mysql-claim';
import { MYSQL_FAULTS } from './mysql-faults';
import { mysqlTables } from './mysql-tables';
import { isMariadb } from './mysql-version';

/** The most rows that one promotion moves, so that a backlog of due jobs never means one endless statement. */
const PROMOTION_LIMIT = 10_000;

export interface MysqlDialectOptions {
  /** Store payloads with the server's COMPRESS, as the seed library does. */
  readonly compression: boolean;
  /** The connections take several statements in one packet. */
  readonly multipleStatements: boolean;
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
  /** `delete … returning` is MariaDB's; MySQL has to look first. */
  private deletesReturn = false;

  constructor(
    private readonly dataSource: DataSource,
    readonly table: JobTable,
    private readonly options: MysqlDialectOptions,
  ) {
    this.db = new ScriptExecutor(dataSource, this.faults, options.multipleStatements);
    this.columns = jobColumns(options.compression ? COMPRESSED_PAYLOAD : 'payload');
  }

  async checkServer(): Promise<void> {
    const [server] = await this.db.rows<{ version: string }>('select version() as version');
    this.deletesReturn = isMariadb(server?.version ?? '');
  }

  createTables(): string[] {
    return mysqlTables(this.table, this.options.compression);
  }

  /** DDL commits by itself here, so that a named lock stands in for the transaction. */
  async exclusively(work: (db: SqlSession) => Promise<void>): Promise<void> {
    const lock = [`job queue ${this.table.title}`];
    try {
      await withRunner(this.dataSource, async (runner) => {
        const db = new RunnerSession(runner);
        await db.rows('select get_lock(?, 60)', lock);
        try {
          await work(db);
        } finally {
          await db.rows('select release_lock(?)', lock);
        }
      });
    } catch (error) {
      throw this.faults.reported(error);
    }
  }

  async existingColumns(db: SqlSession): Promise<string[]> {
    const columns = await db.rows<{ name: string }>(
      'select column_name as name from information_schema.columns where table_schema = database() and table_name = ?',
      [this.table.name],
    );
    return columns.map(({ name }) => name);
  }

  async put(rows: readonly NewRow[], { transaction }: PutOptions = {}): Promise<JobId[]> {
    const payload = this.options.compression ? 'compress(?)' : '?';
    const values = rows.map((row) =>
      row.delay > 0
        ? `(?, ${payload}, ?, ?, ?, 'delayed', ${this.now} + ?, ${this.now})`
        : `(?, ${payload}, ?, ?, ?, 'ready', null, ${this.now})`,
    );
    const parameters = rows.flatMap((row) => [
      row.pipeline,
      row.payload,
      row.priority,
      milliseconds(row.ttr),
      row.retry ?? null,
      ...(row.delay > 0 ? [milliseconds(row.delay)] : []),
    ]);
    const insert = `insert into ${this.table.jobs} (pipeline, payload, priority, ttr_ms, retry, state, due_at, added_at) values ${values.join(', ')}`;
    if (this.deletesReturn) {
      const inserted = await (transaction ?? this.db).rows<{ id: number }>(
        `${insert} returning id`,
        parameters,
      );
      return inserted.map(({ id }) => String(id));
    }
    // The ids of one insert of known length are consecutive, in steps of auto_increment_increment (a cluster's is not 1).
    const ids = 'select last_insert_id() as first, @@auto_increment_increment as step';
    const script = [{ sql: insert, parameters }, { sql: ids }];
    const [, answer] = await (transaction ? oneByOne(transaction, script) : this.db.script(script));
    const { first, step } = answer?.[0] as { first: string | number; step: number };
    return rows.map((_, index) => String(BigInt(first) + BigInt(index * step)));
  }

  async exchange({ deletes, changes, claim }: SqlExchange): Promise<SqlExchangeAnswer> {
    const script: ScriptStatement[] = [];
    const settles: number[] = [];
    if (deletes.length > 0) {
      if (!this.deletesReturn) settles.push(script.push(this.moment, this.locking(deletes)) - 1);
      const deleted = script.push(this.deleting(deletes)) - 1;
      if (this.deletesReturn) settles.push(deleted);
    }
    if (changes.length > 0) {
      settles.push(script.push(this.moment, this.locking(changes)) - 1);
      script.push(this.changing(changes));
    }
    if (claim) script.push(...claimStatements(this, claim));
    const answers = await this.db.script(script);
    return {
      settled: settles.flatMap((index) =>
        (answers[index] as { id: number | string }[]).map(({ id }) => String(id)),
      ),
      claimed: claim ? (answers.at(-1) as JobRow[]).map(reservedJob) : [],
    };
  }

  async remove(hold: Hold, transaction: SqlSession): Promise<boolean> {
    const removed = await transaction.change(
      `delete from ${this.table.jobs} where ${this.held}`,
      heldBy([hold]),
    );
    return removed === 1;
  }

  async touch(holds: readonly Hold[]): Promise<JobId[]> {
    const touch = `update ${this.table.jobs} set due_at = ${this.now} + ttr_ms where ${this.heldAtMoment}`;
    const [, touched] = await this.db.script([
      this.moment,
      this.locking(holds),
      { sql: touch, parameters: heldBy(holds) },
    ]);
    return (touched as { id: number | string }[]).map(({ id }) => String(id));
  }

  async giveBack(holds: readonly Hold[]): Promise<void> {
    await this.db.change(
      `update ${this.table.jobs} set state = 'ready', due_at = null, token = null where ${this.held}`,
      heldBy(holds),
    );
  }

  async giveBackClaims(tokens: readonly string[]): Promise<void> {
    await this.db.change(
      `update ${this.table.jobs} set state = 'ready', due_at = null, token = null where state = 'reserved' and token in (?)`,
      [tokens],
    );
  }

  async promote(pipelines: readonly string[]): Promise<Promotion> {
    const { jobs, pauses } = this.table;
    const due = `due_at <= ${this.now}`;
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
    const parts = ['delayed', 'reserved'].flatMap((state) => [
      { sql: `select distinct pipeline from ${jobs} where state = '${state}' and ${due}` },
      {
        // What a transaction of the application's holds is passed over: it must not hold up everyone's time.
        sql: `update ${jobs} j join (
  select id from ${jobs} where state = '${state}' and ${due} order by due_at limit ${PROMOTION_LIMIT} for update skip locked
) d on d.id = j.id
set j.timeouts = j.timeouts + ${state === 'reserved' ? 1 : 0}, j.state = 'ready', j.due_at = null, j.token = null`,
      },
    ]);
    const answers = await this.db.script(parts);
    const promoted = [answers[0], answers[2]].flatMap((rows) => rows as { pipeline: string }[]);
    return { pipelines: promoted.map(({ pipeline }) => pipeline), next: SOON };
  }

  async pause(pipeline: string, duration: Seconds): Promise<void> {
    await this.db.change(
      `replace into ${this.table.pauses} (pipeline, paused_until) values (?, ${this.now} + ?)`,
      [pipeline, milliseconds(duration)],
    );
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

  // The primary key finds the rows. That ids and tokens are matched as two sets is enough, see SqlConsumer.
  private get held(): string {
    return `id in (?) and token in (?) and state = 'reserved' and due_at > ${this.now}`;
  }

  /**
   * Goes before a select that locks and the change of the same rows: a row whose time ran out between the two,
   * while the select waited for a lock, would be told as changed and not be.
   */
  private get moment(): ScriptStatement {
    return { sql: `set @job_queue_moment = ${this.now}`, parameters: [] };
  }

  private get heldAtMoment(): string {
    return `id in (?) and token in (?) and state = 'reserved' and due_at > @job_queue_moment`;
  }

  private locking(holds: readonly Hold[]): ScriptStatement {
    return {
      sql: `select id from ${this.table.jobs} where ${this.heldAtMoment} for update`,
      parameters: heldBy(holds),
    };
  }

  private deleting(deletes: readonly Hold[]): ScriptStatement {
    const which = this.deletesReturn ? `${this.held} returning id` : this.heldAtMoment;
    return {
      sql: `delete from ${this.table.jobs} where ${which}`,
      parameters: heldBy(deletes),
    };
  }

  private changing(changes: readonly Change[]): ScriptStatement {
    const by = (value: string) => `case id ${changes.map(() => `when ? then ${value}`).join(' ')} end`;
    const each = (valuesOf: (change: Change) => unknown[]) =>
      changes.flatMap((change) => [change.id, ...valuesOf(change)]);
    return {
      sql: `update ${this.table.jobs}
set due_at = ${by(`if(? = 'ready', null, ${this.now} + ?)`)}, priority = ${by('?')}, reason = ${by('?')},
  attempts = attempts + 1, token = null, state = ${by('?')}
where ${this.heldAtMoment}`,
      parameters: [
        ...each(({ state, delay }) => [state, milliseconds(delay)]),
        ...each(({ priority }) => [priority]),
        ...each(({ reason }) => [reason]),
        ...each(({ state }) => [state]),
        ...heldBy(changes),
      ],
    };
  }
}

/**
 * UNCOMPRESS answers null for what is not compressed: then somebody else may have added plain text. The empty
 * text, for what is neither, is no payload at all.
 */
const COMPRESSED_PAYLOAD = `coalesce(convert(uncompress(payload) using utf8mb4), convert(payload using utf8mb4), '')`;

/** After a promotion, which may have passed over locked rows; in seconds. */
const SOON = 0.005;

/** Later than any moment that counts, in milliseconds since 1970. */
const NEVER = '9000000000000000';

function heldBy(holds: readonly Hold[]): unknown[] {
  return [holds.map(({ id }) => id), [...new Set(holds.map(({ token }) => token))]];
}
