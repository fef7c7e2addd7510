import { milliseconds } from '../../../core/checks/checks';
import type { BackendRefusedError } from '../../../core/contract/errors';
import type { JobId, Seconds } from '../../../core/contract/job-data';
import type { BuriedLimit, KeepRule } from '../../../core/contract/ports/history';
import { apart } from '../claims/apart';
import type { SqlDialect } from '../engine/dialect';
import { EventNumbers, isNumbered } from '../events/event-numbers';
import type { ToldRefusal } from '../ready/told-refusal';
import type { HistoryLimits } from './history-limits';

/** The most rows that one statement deletes. */
const PIECE = 1000;
/** The most statements in a row, so that a backlog keeps the server busy for a while only. */
const PIECES = 10;
const PACE: Seconds = 60;
/** While there are more, or what is kept is kept for a short time. */
const HURRY: Seconds = 1;
/** What is kept by its number may be more for that long. */
const NUMBER_PACE: Seconds = 2;

/** Some rows that are to go. */
interface Look {
  readonly table: string;
  readonly sql: string;
  readonly parameters: readonly unknown[];
  /** What has to hold still when they are deleted. */
  readonly condition?: string;
}

/**
 * Deletes kept jobs whose time is over or that are too many, and buried ones of pipelines with a limit: now and then and
 * in pieces, so that no statement takes long. What is to go is looked for without locks, and deleted by the primary key.
 */
export class HistoryPruner {
  /** In milliseconds of `performance.now()`. Not all processes begin at the same time. */
  private next = performance.now() + PACE * 1000 * Math.random();
  /** When all is over that this process keeps for less than the pace. What is over sooner waits for it at most. */
  private shortUntil = -Infinity;
  /** What this process has kept by number since it last looked: pipelines and numbers. */
  private readonly events: EventNumbers;
  private numbers = new Map<string, readonly [pipeline: string, most: number]>();
  /** Why rows stayed in this round. */
  private refused: BackendRefusedError | undefined;

  constructor(
    private readonly dialect: Pick<
      SqlDialect,
      'db' | 'table' | 'now' | 'idText' | 'deleteFrom' | 'scheduleWords' | 'numbering'
    >,
    private readonly limits: HistoryLimits,
    private readonly refusal: Pick<ToldRefusal, 'failed' | 'succeeded'>,
  ) {
    this.events = new EventNumbers(() => dialect);
  }

  /** A job of that pipeline was kept. */
  kept(pipeline: string, { for: time, most }: KeepRule): void {
    this.count(pipeline, most);
    this.lookWithin(most === undefined ? time : NUMBER_PACE);
  }

  /** A pipeline has got a limit of buried jobs. */
  limited({ for: time = NUMBER_PACE }: BuriedLimit): void {
    this.lookWithin(time);
  }

  /** To be called at every look at the clock. Never rejects: what stays is looked at again. */
  async prune(): Promise<void> {
    if (performance.now() < this.next) return;
    // Before the first statement: what is kept meanwhile may be due sooner.
    const now = performance.now();
    this.next = now + PACE * 1000;
    if (this.shortUntil > now) this.lookWithin((this.shortUntil - now) / 1000);
    this.refused = undefined;
    try {
      if (await this.pruneAll()) this.lookWithin(HURRY);
      if (this.refused) this.refusal.failed(this.refused);
      else this.refusal.succeeded();
    } catch (error) {
      this.refusal.failed(error);
    }
    for (const limit of this.limits.buried.values()) this.limited(limit);
  }

  private count(pipeline: string, most: number | undefined): void {
    if (most !== undefined) this.numbers.set(`${pipeline} ${most}`, [pipeline, most]);
  }

  private lookWithin(time: Seconds): void {
    if (time === Infinity) return;
    const at = performance.now() + Math.max(HURRY, time) * 1000;
    this.next = Math.min(this.next, at);
    if (time < PACE) this.shortUntil = Math.max(this.shortUntil, at);
  }

  private async pruneAll(): Promise<boolean> {
    // A reader of events has to notice what it has missed.
    await this.events.numberRead();
    let more = await this.deleteAll(this.overdue());
    // Processes without workers keep the jobs that they call off, and prune nothing.
    for (const [pipeline, { most }] of this.limits.kept) this.count(pipeline, most);
    for (const [key, [pipeline, most]] of this.numbers) {
      const tooMany = await this.deleteAll(this.tooMany(pipeline, most));
      if (!tooMany) this.numbers.delete(key);
      more ||= tooMany;
    }
    for (const [pipeline, limit] of this.limits.buried)
      for (const look of this.buried(pipeline, limit)) more = (await this.deleteAll(look)) || more;
    return more;
  }

  /** Whether there may be more. A row that cannot be deleted keeps no other. */
  private async deleteAll({ table, sql, parameters, condition = '' }: Look): Promise<boolean> {
    const { deleteFrom } = this.dialect;
    const db = this.dialect.db.patient;
    for (let piece = 0; piece < PIECES; piece += 1) {
      const rows = await db.rows<{ found: JobId }>(sql, parameters);
      const ids = rows.map(({ found }) => found);
      const staying = await apart(ids, async (some) => {
        const places = some.map(() => '?').join(', ');
        await db.change(`${deleteFrom(table)} where id in (${places})${condition}`, some);
      });
      this.refused ??= staying[0]?.error;
      if (rows.length < PIECE || staying.length === rows.length) return false;
    }
    return true;
  }

  private overdue(): Look {
    const table = this.dialect.table.side('done');
    return {
      table,
      sql: `select ${this.dialect.idText} as found from ${table} where keep_until <= ${this.dialect.now} order by keep_until limit ${PIECE}`,
      parameters: [],
      condition: ` and ${isNumbered(this.dialect.table)}`,
    };
  }

  private tooMany(pipeline: string, most: number): Look {
    const table = this.dialect.table.side('done');
    return {
      table,
      sql: `select ${this.dialect.idText} as found from ${table} where pipeline = ? and keep_most = ? order by ended_at desc, id desc limit ${PIECE} offset ?`,
      parameters: [pipeline, most, most],
      condition: ` and ${isNumbered(this.dialect.table)}`,
    };
  }

  private buried(pipeline: string, { for: time, most }: BuriedLimit): Look[] {
    const { table, now } = this.dialect;
    const looks: Look[] = [];
    const look = (rest: string, ...parameters: readonly unknown[]): void => {
      looks.push({
        table: table.jobs,
        sql: `select ${this.dialect.idText} as found from ${table.jobs} where pipeline = ? and state = 'buried' ${rest}`,
        parameters: [pipeline, ...parameters],
        // It may have been kicked since.
        condition: ` and state = 'buried'`,
      });
    };
    if (time !== undefined)
      look(`and due_at <= ${now} - ? order by due_at, id limit ${PIECE}`, milliseconds(time));
    if (most !== undefined) look(`order by due_at desc, id desc limit ${PIECE} offset ?`, most);
    return looks;
  }
}
