import { milliseconds } from '../../../../core/checks/checks';
import type { JobId } from '../../../../core/contract/job-data';
import type { SqlSession } from '../../connection/executor';
import type { UniquePut, UniqueRow, UniqueStore } from '../../engine/dialect';
import type { JobTable } from '../../layouts/job-table';
import { byKey } from '../../puts/unique-puts';
import { MOST_PRUNED } from '../../ready/pruner';
import type { PostgresExecutor } from '../connection/postgres-executor';
import { column, POSTGRES_NOW, rowParameters } from './postgres-insert';

/** A partial unique index has the keys, and `postgresPutUnique` what has to be done about a key that is held. */
export class PostgresUniqueStore implements UniqueStore {
  readonly keyOfJob = 'j.unique_key';

  /** Whether the last of several rows were all stored: then it is likely that the next ones are fresh, too. */
  private lastWereFresh = true;

  constructor(
    private readonly db: PostgresExecutor,
    private readonly table: JobTable,
  ) {}

  async put(rows: readonly UniqueRow[], transaction?: SqlSession): Promise<UniquePut[]> {
    const words = async ([sql, parameters]: [string, readonly unknown[]]) => {
      const [answer] = await (transaction
        ? transaction.rows<{ words: string }>(sql, parameters)
        : this.db.prepared<{ words: string }>(sql, parameters));
      return answer?.words;
    };
    const [only, another] = rows;
    if (only && !another && only.unique.for === undefined) {
      const stored = await words(insert(this.table, only));
      if (stored !== undefined) return putsOf(stored, rows);
    }
    const places = rows.map((_, place) => place).sort((one, other) => byKey(rows[one]!, rows[other]!));
    const sorted = places.map((place) => rows[place]!);
    const hopeful = this.lastWereFresh && another !== undefined && rows.every(isPlain);
    const fresh = hopeful ? await words(callFresh(this.table, sorted)) : undefined;
    const puts = fresh
      ? storedPuts(fresh, sorted)
      : putsOf((await words(call(this.table, sorted))) ?? '', sorted);
    this.lastWereFresh = Boolean(fresh) || (!hopeful && puts.every(({ existed }) => !existed));
    const inOrder: UniquePut[] = [];
    for (const [index, place] of places.entries()) inOrder[place] = puts[index]!;
    return inOrder;
  }

  async find(pipeline: string, key: string): Promise<JobId | undefined> {
    const [job] = await this.db.rows<{ id: string }>(
      `select id::text as id from ${this.table.jobs} where pipeline = $1 and unique_key = $2`,
      [pipeline, key],
    );
    return job?.id;
  }

  /** Of keys whose time is over: one without a time has no row here. */
  async prune(): Promise<boolean> {
    const { keys } = this.table;
    const pruned = await this.db.change(
      `delete from ${keys} where ctid = any(array(
  select ctid from ${keys} where held_until <= ${POSTGRES_NOW} order by held_until limit ${MOST_PRUNED} for update skip locked))`,
    );
    return pruned === MOST_PRUNED;
  }
}

/** For one row: it is stored by a plain statement, which costs less than the function, unless a job has its key. */
function insert({ jobs }: JobTable, row: UniqueRow): [sql: string, parameters: readonly unknown[]] {
  const { pipeline, payload, priority, delay, ttr, retry, headers, unique } = row;
  const parameters = [
    pipeline,
    payload,
    priority,
    milliseconds(ttr),
    retry ?? null,
    unique.key,
    headers ?? null,
  ];
  const due = delay > 0 ? `'delayed', ${POSTGRES_NOW} + $8` : `'ready', null`;
  return [
    `insert into ${jobs} (pipeline, payload, priority, ttr_ms, retry, unique_key, headers, state, due_at)
values ($1, $2, $3, $4, $5, $6, $7, ${due})
on conflict (pipeline, unique_key) where unique_key is not null do nothing returning '+' || id::text as words`,
    delay > 0 ? [...parameters, milliseconds(delay)] : parameters,
  ];
}

/** Whether it is fresh when nobody holds its key, and has no more than that function takes. */
function isPlain({ headers, unique }: UniqueRow): boolean {
  return headers === undefined && unique.for === undefined;
}

/** The call of the function for keys that nobody holds, in their order. Its word is null when somebody does. */
function callFresh(
  { putFresh }: JobTable,
  rows: readonly UniqueRow[],
): [sql: string, parameters: readonly unknown[]] {
  return [
    `select ${putFresh}($1::text[], $2, $3, $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[]) as words`,
    [...rowParameters(rows), rows.map((row) => row.unique.key)],
  ];
}

function storedPuts(ids: string, rows: readonly UniqueRow[]): UniquePut[] {
  return ids.split(' ').map((id, index) => ({ id, existed: false, due: rows[index]!.delay }));
}

/** The call of the function, for rows in the order of their keys. */
function call(
  { putUnique }: JobTable,
  rows: readonly UniqueRow[],
): [sql: string, parameters: readonly unknown[]] {
  const time = (value: number | undefined) => (value === undefined ? null : milliseconds(value));
  return [
    `select ${putUnique}($1::text[], $2, $3, $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],
  $8::text[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::text[]) as words`,
    [
      ...rowParameters(rows),
      rows.map((row) => row.unique.key),
      column(rows, (row) => row.unique.onConflict),
      column(rows, (row) => row.unique.until),
      column(rows, (row) => time(row.unique.maxWait)),
      column(rows, (row) => time(row.unique.for)),
      column(rows, (row) => row.headers ?? null),
    ],
  ];
}

/** What became of the rows, in their order. */
function putsOf(words: string, rows: readonly UniqueRow[]): UniquePut[] {
  return words.split(' ').map((word, index) => {
    const [id, ms] = word.slice(1).split('/') as [JobId, string | undefined];
    if (word.startsWith('+')) return { id, existed: false, due: rows[index]!.delay };
    return ms === undefined ? { id, existed: true } : { id, existed: true, due: Number(ms) / 1000 };
  });
}
