import { milliseconds } from '../../../../core/checks/checks';
import type { JobId } from '../../../../core/contract/job-data';
import { ended } from '../../claims/lone-run';
import { driverErrorOf } from '../../connection/driver-error';
import type { SqlSession } from '../../connection/executor';
import type { SqlDialect, UniquePut, UniqueRow, UniqueStore } from '../../engine/dialect';
import { consecutiveIds } from '../../puts/stored-ids';
import { idsOf } from '../claim/mysql-found-jobs';
import { checkPacket } from '../connection/mysql-packet';
import {
  type Dialogue,
  oneByOne,
  type ScriptExecutor,
  type ScriptStatement,
} from '../connection/script-executor';
import { mysqlInsert } from './mysql-insert';
import { DeadKeys, MysqlKeys, type SeenKey } from './mysql-keys';

interface Subject extends Pick<SqlDialect, 'table' | 'now' | 'packet'> {
  readonly db: ScriptExecutor;
  /** Beside the connections that transactions of the application may hold. */
  readonly side: ScriptExecutor;
}

/** What becomes of a row: found, to be changed, or to be stored. */
type Plan = UniquePut | 'change' | 'store';

/**
 * Puts of jobs with unique keys. There is no index that could refuse a second one: InnoDB has no partial ones. Every key
 * has a row of its own, which says which job has it. Whoever puts a key locks that row, looks at the job, and stores
 * another one when that no longer holds the key; then the row says so.
 */
export class MysqlUniqueStore implements UniqueStore {
  readonly keyOfJob: string;
  private readonly keys: MysqlKeys;
  private readonly deadKeys: DeadKeys;

  constructor(
    private readonly subject: Subject,
    /** SQL for a payload. */
    private readonly payload: string,
  ) {
    this.keys = new MysqlKeys(subject);
    this.keyOfJob = this.keys.ofJob;
    this.deadKeys = new DeadKeys(subject);
  }

  /** Whether no row of the last put had been there: then it is likely that the next keys are fresh, too. */
  private lastWereFresh = true;

  /** One round trip in the good case. */
  put(rows: readonly UniqueRow[], transaction?: SqlSession): Promise<UniquePut[]> {
    checkPacket(rows, this.subject.packet ?? Infinity);
    if (transaction) return this.putWithin(transaction, rows);
    const hopeful = this.lastWereFresh && rows.every(({ unique }) => unique.for === undefined);
    return this.subject.db.dialogue(async (dialogue) => {
      const fresh = hopeful ? await this.storedFresh(dialogue, rows) : undefined;
      if (fresh) return fresh;
      const locking = hopeful ? this.takenBack(rows) : this.keys.lock(rows);
      const [, seen = []] = await dialogue.ask([locking, this.keys.look(rows)]);
      this.lastWereFresh = (seen as SeenKey[]).every(({ job_id: id }) => id === null);
      return this.decided(dialogue, rows, seen as SeenKey[], (stored) => [this.keys.point(stored)]);
    });
  }

  /**
   * Stores all jobs, makes and locks the rows of their keys, and commits; undefined when one of these was there. Then
   * nothing is committed, all of them are locked all the same, and the jobs have to be taken back.
   */
  private async storedFresh(
    dialogue: Dialogue,
    rows: readonly UniqueRow[],
  ): Promise<UniquePut[] | undefined> {
    const { table, now } = this.subject;
    let answers: object[][];
    try {
      answers = await dialogue.end([
        // Once, because the server counts it anew for every row. The other one is still that of an earlier put.
        { sql: `set @job_queue_now = ${now}, @job_queue_first = null` },
        mysqlInsert({ table, now: '@job_queue_now' }, rows, this.payload),
        { sql: 'set @job_queue_first = last_insert_id()' },
        this.keys.makeForJobs(rows),
        // Behind a statement that fails, nothing of a packet is run: no commit either.
        {
          sql: `select last_insert_id() as first, @@auto_increment_increment as step, ${MOST} + (last_insert_id() = 0) as fresh`,
        },
      ]);
    } catch (error) {
      if (driverErrorOf(error).errno === OUT_OF_RANGE) return undefined;
      throw error;
    }
    const [{ first, step }] = answers.at(-1) as [{ first: string | number; step: number }];
    const ids = consecutiveIds(first, rows.length, step);
    return rows.map(({ delay }, index) => ({ id: ids[index]!, existed: false, due: delay }));
  }

  /** Nobody else has seen these jobs. */
  private takenBack(rows: readonly UniqueRow[]): ScriptStatement {
    return {
      sql: `delete from ${this.subject.table.jobs} where ${this.keys.storedNow}`,
      parameters: [rows.length],
    };
  }

  /**
   * As a part of a transaction, which may be somebody's and of another isolation. It sees neither a job that was committed since
   * its first look, nor that one has gone; a look with locks would lock what is between the jobs, and every add would
   * wait. So somebody else looks.
   */
  private async putWithin(session: SqlSession, rows: readonly UniqueRow[]): Promise<UniquePut[]> {
    const dialogue = inSession(session);
    const ours = await this.locked(dialogue, rows);
    const { sql, parameters } = this.keys.look(rows);
    const committed = new Map(
      (await this.subject.side.rows<SeenKey>(sql, parameters)).map((key) => [nameOf(key), key]),
    );
    const seen: SeenKey[] = [];
    for (const key of ours) {
      const known = committed.get(nameOf(key));
      const isCommitted = String(known?.job_id) === String(key.job_id);
      // What this transaction has put itself, nobody else can see.
      const holder = isCommitted ? known : await this.ownHolder(dialogue, key);
      seen.push({ ...NO_HOLDER, ...holder, ...key });
    }
    return this.decided(dialogue, rows, seen, (stored) => this.keys.pointEach(stored));
  }

  /** Rows of keys that are made and committed before a transaction of somebody's locks them. */
  async prepare(rows: readonly UniqueRow[]): Promise<void> {
    // Who waits for a row that another transaction has made meets a deadlock when that is rolled back: it leaves a gap
    // behind, which all who wait have locked then.
    await this.subject.side.session(async (db) => {
      const { sql, parameters } = this.keys.names(rows);
      const known = new Set((await db.rows<SeenKey>(sql, parameters)).map(nameOf));
      const missing = rows.filter((row) => !known.has(nameOfRow(row)));
      if (missing.length === 0) return;
      const make = this.keys.make(missing);
      await db.change(make.sql, make.parameters);
    });
  }

  async find(pipeline: string, key: string): Promise<JobId | undefined> {
    const { sql, parameters } = this.keys.job(pipeline, key);
    const [id] = idsOf(await this.subject.db.rows(sql, parameters));
    return id;
  }

  prune(): Promise<boolean> {
    return this.deadKeys.prune();
  }

  private async locked(dialogue: Dialogue, rows: readonly UniqueRow[]): Promise<SeenKey[]> {
    const [locked = []] = await dialogue.ask([this.keys.lockMade(rows)]);
    if (locked.length === rows.length) return locked as SeenKey[];
    // They were made, but for those that somebody has deleted since.
    const [, all] = await dialogue.ask([this.keys.lock(rows), this.keys.lockMade(rows)]);
    return all as SeenKey[];
  }

  private async decided(
    dialogue: Dialogue,
    rows: readonly UniqueRow[],
    seen: readonly SeenKey[],
    point: (stored: readonly UniqueRow[]) => ScriptStatement[],
  ): Promise<UniquePut[]> {
    const keys = new Map(seen.map((key) => [nameOf(key), key]));
    const keyOf = (row: UniqueRow) => keys.get(nameOfRow(row)) as SeenKey;
    const changing = rows.filter((row) => planOf(row, keyOf(row)) === 'change');
    if (changing.length > 0) {
      // A claim may have come in between: from here on they stay as they are.
      const ids = changing.map((row) => String(keyOf(row).id));
      const [locked] = await dialogue.ask([this.keys.holders(ids, ' for update')]);
      const holders = new Map((locked as SeenKey[]).map((holder) => [String(holder.id), holder]));
      for (const row of changing) {
        const key = keyOf(row);
        keys.set(nameOfRow(row), { ...key, ...NO_HOLDER, ...holders.get(String(key.id)) });
      }
    }
    const puts = new Map<UniqueRow, UniquePut>();
    const stored: UniqueRow[] = [];
    const changes: ScriptStatement[] = [];
    for (const row of rows) {
      const plan = planOf(row, keyOf(row));
      if (plan === 'store') stored.push(row);
      else if (plan === 'change') puts.set(row, this.changed(row, keyOf(row), changes));
      else puts.set(row, plan);
    }
    if (stored.length === 0) await dialogue.end(changes);
    else {
      const inserting = this.inserting(stored);
      const answers = await dialogue.end([...changes, ...inserting, ...point(stored)]);
      const [{ first, step }] = answers[changes.length + inserting.length - 1] as [
        { first: string | number; step: number },
      ];
      const ids = consecutiveIds(first, stored.length, step);
      for (const [index, row] of stored.entries())
        puts.set(row, { id: ids[index]!, existed: false, due: row.delay });
    }
    return rows.map((row) => puts.get(row)!);
  }

  private inserting(rows: readonly UniqueRow[]): ScriptStatement[] {
    return [
      mysqlInsert(this.subject, rows, this.payload),
      // Those of one insert are consecutive, in these steps.
      { sql: 'set @job_queue_first = last_insert_id()' },
      { sql: 'select @job_queue_first as first, @@auto_increment_increment as step' },
    ];
  }

  private changed(row: UniqueRow, key: SeenKey, changes: ScriptStatement[]): UniquePut {
    const { jobs } = this.subject.table;
    const { maxWait = Infinity } = row.unique;
    const left = milliseconds(maxWait) - Number(key.waited_ms);
    const due = Math.max(0, Math.min(milliseconds(row.delay), left));
    const id = String(key.id);
    changes.push({
      sql: `update ${jobs} j force index (primary)
set j.payload = ${this.payload}, j.priority = ?, j.ttr_ms = ?, j.retry = ?, j.headers = ?,
  j.due_at = if(? > 0, ${this.subject.now} + ?, null), j.token = null, j.attempts = 0, j.timeouts = 0, j.kicks = 0, j.history = null,
  j.reason = null, j.flags = ${ended}, j.state = ?
where j.id = ?`,
      parameters: [
        row.payload,
        row.priority,
        milliseconds(row.ttr),
        row.retry ?? null,
        row.headers ?? null,
        due,
        due,
        due > 0 ? 'delayed' : 'ready',
        id,
      ],
    });
    return { id, existed: true, due: due / 1000 };
  }

  /** The job that this very transaction has stored. */
  private async ownHolder(dialogue: Dialogue, { job_id: id }: SeenKey): Promise<SeenKey | undefined> {
    if (id === null) return undefined;
    const [holders] = await dialogue.ask([this.keys.holders([String(id)])]);
    return (holders as SeenKey[])[0];
  }
}

/** The largest number that there is: with one more, a statement fails in every mode of the server. */
const MOST = 2n ** 64n - 1n;
/** That failure's number. */
const OUT_OF_RANGE = 1690;

const NO_HOLDER = { id: null, state: null, runs: null, started: null, waited_ms: null } as const;

function planOf({ unique }: UniqueRow, key: SeenKey): Plan {
  if (unique.for !== undefined && Number(key.holds_off) === 1 && key.job_id !== null)
    return { id: String(key.job_id), existed: true };
  const holds =
    key.id !== null && key.state !== 'buried' && (unique.until === 'done' || Number(key.started) === 0);
  if (!holds) return 'store';
  if (unique.onConflict === 'keep') return { id: String(key.id), existed: true };
  return Number(key.runs) === 1 ? 'store' : 'change';
}

/** No pipeline has a space in its name. */
function nameOf({ pipeline, unique_key: key }: Pick<SeenKey, 'pipeline' | 'unique_key'>): string {
  return `${pipeline} ${key}`;
}

function nameOfRow({ pipeline, unique }: UniqueRow): string {
  return `${pipeline} ${unique.key}`;
}

/** The commit is somebody else's. */
function inSession(session: SqlSession): Dialogue {
  return { ask: (some) => oneByOne(session, some), end: (some) => oneByOne(session, some) };
}
