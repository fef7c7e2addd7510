import { milliseconds } from '../../../../core/checks/checks';
import type { JobId } from '../../../../core/contract/job-data';
import { ended } from '../../claims/lone-run';
import type { SqlSession } from '../../connection/executor';
import type { SqlDialect, UniquePut, UniqueRow } from '../../engine/dialect';
import { allStored, consecutiveIds } from '../../puts/stored-ids';
import { sqliteInsert } from './sqlite-insert';
import { lastId } from './sqlite-put';

type Subject = Pick<SqlDialect, 'table' | 'now'>;

/** A job that has the key of one that is put. */
interface Holder {
  readonly id: JobId;
  readonly state: string;
  /** Since when it has waited for the clock to come to now, at least 0. */
  readonly waited_ms: number;
  readonly runs: number;
  readonly started: number;
}

const ID = 'cast(id as text)';

/** One statement: an index refuses to store a second job of a key. */
export function insertUnique(
  { table }: Subject,
  rows: readonly UniqueRow[],
): [sql: string, parameters: unknown[]] {
  const [insert, parameters] = sqliteInsert(table, rows);
  return [`${insert} on conflict (pipeline, unique_key) where unique_key is not null do nothing`, parameters];
}

/** In a transaction, which has the file for itself: nothing changes between two statements. */
export class SqliteUniquePut {
  constructor(
    private readonly subject: Subject,
    private readonly db: SqlSession,
  ) {}

  async put(rows: readonly UniqueRow[]): Promise<UniquePut[]> {
    const storedIds = await this.stored(rows.filter(({ unique }) => unique.for === undefined));
    const puts: UniquePut[] = [];
    let position = 0;
    for (const row of rows) {
      const id = row.unique.for === undefined ? storedIds[position++] : undefined;
      puts.push(id === undefined ? await this.putOne(row) : { id, existed: false, due: row.delay });
    }
    return puts;
  }

  /** The ids of those that could be stored at once, in the good case of all. */
  private async stored(rows: readonly UniqueRow[]): Promise<(JobId | undefined)[]> {
    if (rows.length === 0) return [];
    const [insert, parameters] = insertUnique(this.subject, rows);
    if (rows.length === 1) {
      const [stored] = await this.db.rows<{ id: JobId }>(`${insert} returning ${ID} as id`, parameters);
      return [stored?.id];
    }
    // Without `returning`: see `storeAll`.
    const before = await lastId(this.subject.table, this.db);
    const count = await this.db.change(insert, parameters);
    const last = await lastId(this.subject.table, this.db);
    if (count === rows.length && last - before === BigInt(count)) return consecutiveIds(before + 1n, count);
    // Some were there already, or a trigger has added jobs of its own.
    const stored = await this.db.rows<{ id: JobId; pipeline: string; unique_key: string }>(
      `select ${ID} as id, pipeline, unique_key from ${this.subject.table.jobs} where id > cast(? as integer) and unique_key is not null`,
      [String(before)],
    );
    const idOf = new Map(stored.map(({ id, pipeline, unique_key: key }) => [nameOf(pipeline, key), id]));
    return rows.map(({ pipeline, unique }) => idOf.get(nameOf(pipeline, unique.key)));
  }

  private async putOne(row: UniqueRow): Promise<UniquePut> {
    const { onConflict, until, for: time } = row.unique;
    const earlier = time === undefined ? undefined : await this.throttledBy(row);
    if (earlier !== undefined) return { id: earlier, existed: true };
    const holder = await this.holderOf(row);
    if (holder && holder.state !== 'buried' && (until === 'done' || !holder.started)) {
      if (onConflict === 'keep') return { id: holder.id, existed: true };
      if (!holder.runs) return this.replaced(holder, row);
    }
    const { jobs } = this.subject.table;
    if (holder)
      await this.db.rows(`update ${jobs} set unique_key = null where id = cast(? as integer)`, [holder.id]);
    const [stored] = await this.stored([row]);
    const [id] = allStored('sqlite', [row], stored === undefined ? [] : [stored]) as [JobId];
    if (time !== undefined) await this.throttle(row, id, milliseconds(time));
    return { id, existed: false, due: row.delay };
  }

  private async holderOf({ pipeline, unique }: UniqueRow): Promise<Holder | undefined> {
    const { table, now } = this.subject;
    const [holder] = await this.db.rows<Holder>(
      `select ${ID} as id, state, max(0, ${now} - coalesce(added_at, ${now})) as waited_ms,
  state = 'reserved' and due_at > ${now} as runs, state = 'reserved' or attempts > 0 or timeouts > 0 as started
from ${table.jobs} where pipeline = ? and unique_key = ?`,
      [pipeline, unique.key],
    );
    return holder;
  }

  private async replaced({ id, waited_ms: waited }: Holder, row: UniqueRow): Promise<UniquePut> {
    const { table, now } = this.subject;
    const { maxWait = Infinity } = row.unique;
    const due = Math.max(0, Math.min(milliseconds(row.delay), milliseconds(maxWait) - waited));
    await this.db.rows(
      `update ${table.jobs}
set payload = ?, priority = ?, ttr_ms = ?, retry = ?, headers = ?, state = ?, due_at = iif(? > 0, ${now} + ?, null),
  token = null, attempts = 0, timeouts = 0, kicks = 0, history = null, reason = null, flags = ${ended}
where id = cast(? as integer)`,
      [
        row.payload,
        row.priority,
        milliseconds(row.ttr),
        row.retry ?? null,
        row.headers ?? null,
        due > 0 ? 'delayed' : 'ready',
        due,
        due,
        id,
      ],
    );
    return { id, existed: true, due: due / 1000 };
  }

  private async throttledBy({ pipeline, unique }: UniqueRow): Promise<JobId | undefined> {
    const { table, now } = this.subject;
    const [earlier] = await this.db.rows<{ id: JobId }>(
      `select cast(job_id as text) as id from ${table.keys}
where pipeline = ? and unique_key = ? and job_id is not null and held_until > ${now}`,
      [pipeline, unique.key],
    );
    return earlier?.id;
  }

  private async throttle({ pipeline, unique }: UniqueRow, id: JobId, ms: number): Promise<void> {
    const { table, now } = this.subject;
    await this.db.rows(
      `replace into ${table.keys} (pipeline, unique_key, job_id, held_until) values (?, ?, cast(? as integer), ${now} + ?)`,
      [pipeline, unique.key, id, ms],
    );
  }
}

function nameOf(pipeline: string, key: string): string {
  return `${pipeline} ${key}`;
}
