import { milliseconds } from '../../../../core/checks/checks';
import type { JobId } from '../../../../core/contract/job-data';
import type { SqlDialect, UniqueRow } from '../../engine/dialect';
import { byKey } from '../../puts/unique-puts';
import { MOST_PRUNED } from '../../ready/pruner';
import { anyOf } from '../claim/mysql-any-of';
import { idsOf } from '../claim/mysql-found-jobs';
import type { ScriptStatement } from '../connection/script-executor';

type Subject = Pick<SqlDialect, 'table' | 'now'>;

/** How long a row that was made ahead is not pruned, in milliseconds. */
const FRESH_MS = 60_000;

/** A row of the keys' table, and the job that has the key. */
export interface SeenKey {
  readonly pipeline: string;
  readonly unique_key: string;
  readonly job_id: string | number | null;
  /** 1 while nothing is to be added after that job. */
  readonly holds_off: number;
  readonly id: string | number | null;
  readonly state: string | null;
  readonly runs: number | null;
  readonly started: number | null;
  readonly waited_ms: string | number | null;
}

interface KeyName {
  readonly pipeline: string;
  readonly key: string;
}

/**
 * Statements about rows of the keys' table. Each names the primary key, because the optimizer would rather scan a small
 * table, and lock all of it.
 */
export class MysqlKeys {
  private readonly keys: string;

  constructor(private readonly subject: Subject) {
    this.keys = `${subject.table.keys} k force index (primary)`;
  }

  /** Makes the rows where there are none, and locks them in the order of their keys. */
  lock(rows: readonly UniqueRow[]): ScriptStatement {
    const { sql, parameters } = this.insert(rows, this.subject.now);
    return { sql: `${sql} on duplicate key update held_until = held_until`, parameters };
  }

  /** The jobs of the last insert, of so many rows; other nodes of a cluster may have ids between theirs. */
  readonly storedNow =
    'id >= @job_queue_first and id < @job_queue_first + ? * @@auto_increment_increment and id % @@auto_increment_increment = @job_queue_first % @@auto_increment_increment';

  /**
   * As `lock`, for these jobs, which are stored already: the rows point at them. The last insert id, theirs, becomes 0
   * when one of the rows was there.
   */
  makeForJobs(rows: readonly UniqueRow[]): ScriptStatement {
    const { jobs, keys } = this.subject.table;
    return {
      sql: `insert into ${keys} (pipeline, unique_key, job_id, held_until)
select pipeline, unique_key, id, @job_queue_now from ${jobs} force index (primary)
where ${this.storedNow} order by pipeline, unique_key
on duplicate key update held_until = held_until + last_insert_id(0)`,
      parameters: [rows.length],
    };
  }

  /** Makes rows that are not there, as far as is known. */
  make(rows: readonly UniqueRow[]): ScriptStatement {
    const { sql, parameters } = this.insert(rows, `${this.subject.now} + ${FRESH_MS}`);
    // Somebody else may be making one of them.
    return { sql: sql.replace('insert', 'insert ignore'), parameters };
  }

  /** Locks rows that are there, and nothing between them. */
  lockMade(rows: readonly UniqueRow[]): ScriptStatement {
    const { sql, parameters } = condition(rows.map(nameOf));
    return {
      sql: `select k.pipeline, k.unique_key, k.job_id, k.held_until > ${this.subject.now} as holds_off
from ${this.keys} where ${sql} order by k.pipeline, k.unique_key for update`,
      parameters,
    };
  }

  names(rows: readonly UniqueRow[]): ScriptStatement {
    const { sql, parameters } = condition(rows.map(nameOf));
    return { sql: `select k.pipeline, k.unique_key from ${this.keys} where ${sql}`, parameters };
  }

  /** The rows with the jobs that have the keys, without a lock. */
  look(rows: readonly UniqueRow[]): Required<ScriptStatement> {
    const { table, now } = this.subject;
    const { sql, parameters } = condition(rows.map(nameOf));
    return {
      sql: `select k.pipeline, k.unique_key, k.job_id, k.held_until > ${now} as holds_off, ${this.holder}
from ${this.keys} left join ${table.jobs} j force index (primary)
  on j.id = k.job_id and j.pipeline = k.pipeline and j.unique_key = k.unique_key
where ${sql}`,
      parameters,
    };
  }

  /** Jobs as `look` shows them; with a lock, as they are now and stay. */
  holders(ids: readonly JobId[], lock = ''): Required<ScriptStatement> {
    const { sql, parameters } = anyOf('j.id', ids);
    return {
      sql: `select ${this.holder} from ${this.subject.table.jobs} j force index (primary) where ${sql}${lock}`,
      parameters,
    };
  }

  /** The job that has a key, whatever its state. */
  job(pipeline: string, key: string): Required<ScriptStatement> {
    return {
      sql: `select j.id from ${this.keys} join ${this.subject.table.jobs} j force index (primary)
  on j.id = k.job_id and j.pipeline = k.pipeline and j.unique_key = k.unique_key
where k.pipeline = ? and k.unique_key = ?`,
      parameters: [pipeline, key],
    };
  }

  /** The key of the job of a row `j`: the row keeps the name of one that another job has taken since. */
  get ofJob(): string {
    return `(select k.unique_key from ${this.keys}
  where k.pipeline = j.pipeline and k.unique_key = j.unique_key and k.job_id = j.id)`;
  }

  /** Writes down who has the keys now: the jobs of these rows, of which the first was inserted last. */
  point(rows: readonly UniqueRow[]): ScriptStatement {
    const { table, now } = this.subject;
    return {
      sql: `insert into ${table.keys} (pipeline, unique_key, job_id, held_until) values ${rows
        .map(() => `(?, ?, @job_queue_first + ? * @@auto_increment_increment, ${now} + ?)`)
        .join(', ')} on duplicate key update job_id = values(job_id),
  held_until = if(values(held_until) > ${now}, values(held_until), least(held_until, ${now}))`,
      parameters: rows.flatMap((row, index) => [
        row.pipeline,
        row.unique.key,
        index,
        milliseconds(row.unique.for ?? 0),
      ]),
    };
  }

  /** The same in a transaction of somebody else, where the other form might lock what is between the rows. */
  pointEach(rows: readonly UniqueRow[]): ScriptStatement[] {
    const { now } = this.subject;
    return rows.map(({ pipeline, unique }, index) => ({
      sql: `update ${this.keys}
set k.job_id = @job_queue_first + ? * @@auto_increment_increment, k.held_until = ${now} + ?
where k.pipeline = ? and k.unique_key = ?`,
      parameters: [index, milliseconds(unique.for ?? 0), pipeline, unique.key],
    }));
  }

  private get holder(): string {
    const { now } = this.subject;
    return `j.id, j.state, (j.state = 'reserved' and j.due_at > ${now}) as runs,
  (j.state = 'reserved' or j.attempts > 0 or j.timeouts > 0) as started, greatest(0, ${now} - coalesce(j.added_at, ${now})) as waited_ms`;
  }

  private insert(rows: readonly UniqueRow[], until: string): Required<ScriptStatement> {
    const sorted = rows.toSorted(byKey);
    return {
      sql: `insert into ${this.subject.table.keys} (pipeline, unique_key, held_until) values ${sorted.map(() => `(?, ?, ${until})`).join(', ')}`,
      parameters: sorted.flatMap(({ pipeline, unique }) => [pipeline, unique.key]),
    };
  }
}

/** Walks round and round over the rows of keys whose time is over, and deletes those that have no job. */
export class DeadKeys {
  private after:
    | { readonly held_until: string | number; readonly pipeline: string; readonly unique_key: string }
    | undefined;

  constructor(private readonly dialect: Pick<SqlDialect, 'table' | 'now' | 'db'>) {}

  /** Whether there may be more of them. */
  async prune(): Promise<boolean> {
    const { table, now, db } = this.dialect;
    const place = this.after;
    // As two ranges, because MySQL looks no further into `(held_until, pipeline, unique_key) > (?, ?, ?)`.
    const behind = place
      ? ' and (held_until = ? and (pipeline = ? and unique_key > ? or pipeline > ?) or held_until > ?)'
      : '';
    const found = await db.rows<{
      held_until: string | number;
      pipeline: string;
      unique_key: string;
      job: string | number | null;
    }>(
      `select k.held_until, k.pipeline, k.unique_key, j.id as job from (
  select held_until, pipeline, unique_key, job_id from ${table.keys} force index (${table.index('keys_held')})
  where held_until <= ${now}${behind} order by held_until, pipeline, unique_key limit ${MOST_PRUNED}
) k left join ${table.jobs} j force index (primary) on j.id = k.job_id and j.unique_key = k.unique_key
order by k.held_until, k.pipeline, k.unique_key`,
      place ? [place.held_until, place.pipeline, place.unique_key, place.pipeline, place.held_until] : [],
    );
    this.after = found.length < MOST_PRUNED ? undefined : found.at(-1);
    const dead = found.filter(({ job }) => job === null);
    if (dead.length > 0)
      await this.delete(dead.map((row) => ({ pipeline: row.pipeline, key: row.unique_key })));
    return found.length === MOST_PRUNED;
  }

  /** Those that still have no job, and that nobody is putting now. */
  private async delete(names: readonly KeyName[]): Promise<void> {
    const { table, now, db } = this.dialect;
    const those = condition(names);
    await db.transaction(async (session) => {
      const locked = await session.rows<{
        pipeline: string;
        unique_key: string;
        job_id: string | number | null;
      }>(
        `select k.pipeline, k.unique_key, k.job_id from ${table.keys} k force index (primary)
where ${those.sql} and k.held_until <= ${now} for update skip locked`,
        those.parameters,
      );
      const ids = locked.flatMap(({ job_id: id }) => (id === null ? [] : [String(id)]));
      const alive = new Set<JobId>();
      if (ids.length > 0) {
        const { sql, parameters } = anyOf('id', ids);
        for (const id of idsOf(
          await session.rows(`select id from ${table.jobs} force index (primary) where ${sql}`, parameters),
        ))
          alive.add(id);
      }
      const dead = locked.filter(({ job_id: id }) => id === null || !alive.has(String(id)));
      if (dead.length === 0) return;
      const { sql, parameters } = condition(
        dead.map((row) => ({ pipeline: row.pipeline, key: row.unique_key })),
      );
      await session.change(`delete k from ${table.keys} k force index (primary) where ${sql}`, parameters);
    });
  }
}

function nameOf({ pipeline, unique }: UniqueRow): KeyName {
  return { pipeline, key: unique.key };
}

/** One of these rows: a list for each pipeline, because MariaDB looks up no lists of pairs. */
function condition(names: readonly KeyName[]): Required<ScriptStatement> {
  const keys = new Map<string, string[]>();
  for (const { pipeline, key } of names) {
    const known = keys.get(pipeline);
    if (known) known.push(key);
    else keys.set(pipeline, [key]);
  }
  const each = [...keys].map(([pipeline, some]) => ({ pipeline, ...anyOf('k.unique_key', some) }));
  return {
    sql: `(${each.map(({ sql }) => `k.pipeline = ? and ${sql}`).join(' or ')})`,
    parameters: each.flatMap(({ pipeline, parameters }) => [pipeline, ...parameters]),
  };
}
