import type { JobId } from '../../../core/contract/job-data';
import type { SqlSession } from '../connection/executor';
import type { KeptEnd, TouchOptions } from '../engine/dialect';
import { MOST } from '../engine/states';
import { KEPT_COLUMNS, type KeptValues, keptValues } from '../history/kept-row';
import type { JobTable } from '../layouts/job-table';
import { heldBy } from './sqlite-holds';
import { SQLITE_NOW } from './sqlite-layouts';

/** In a transaction, which has the file: what is held at its first statement still is at the next one. */
export class SqliteKeptJobs {
  constructor(private readonly table: JobTable) {}

  /** Deletes those that are still held, and keeps them. Returns their ids. */
  async keep(db: SqlSession, ends: readonly KeptEnd[]): Promise<JobId[]> {
    const ids = (await this.writtenAll(db, ends)) ? ends.map(({ id }) => id) : await this.write(db, ends);
    if (ids.length > 0) {
      await db.change(`delete from ${this.table.jobs} where id in (select value from json_each(?))`, [
        `[${ids.join()}]`,
      ]);
    }
    return ids;
  }

  /** Writes down those that are held; with `overdue` also those whose time is over. Returns their ids. */
  async write(
    db: SqlSession,
    ends: readonly KeptEnd[],
    { overdue = false }: TouchOptions = {},
  ): Promise<JobId[]> {
    const insert = `${this.insert(overdue)} returning cast(id as text) as id`;
    const ids: JobId[] = [];
    for (const some of keptAlike(ends)) {
      const written = await db.rows<{ id: JobId }>(insert, parametersOf(some));
      for (const { id } of written) ids.push(id);
    }
    return ids;
  }

  /**
   * Writes all down or none, and tells which. By their number: `returning` takes a third of the statement's time, and
   * that some are lost is rare.
   */
  private async writtenAll(db: SqlSession, ends: readonly KeptEnd[]): Promise<boolean> {
    const insert = this.insert(false);
    let written = 0;
    await db.rows('savepoint keeping');
    for (const some of keptAlike(ends)) written += await db.change(insert, parametersOf(some));
    if (written !== ends.length) await db.rows('rollback to keeping');
    await db.rows('release keeping');
    return written === ends.length;
  }

  private insert(overdue: boolean): string {
    const values: KeptValues = {
      id: 'j.id',
      pipeline: 'j.pipeline',
      outcome: `'completed'`,
      payload: 'j.payload',
      result: 'value',
      error: '?',
      history: 'j.history',
      headers: 'j.headers',
      unique_key: 'j.unique_key',
      priority: 'j.priority',
      attempts: `min(j.attempts, ${MOST}) + 1`,
      added_at: 'j.added_at',
      started_at: `${MOMENT} - cast(nullif(substr(key, instr(key, ' ') + 1), '') as integer)`,
      ended_at: MOMENT,
      keep_until: `${MOMENT} + ?`,
      keep_most: '?',
      worker: '?',
    };
    const inTime = overdue ? '' : ` and j.due_at > ${MOMENT}`;
    return `insert or replace into ${this.table.side('done')} (${KEPT_COLUMNS.join(', ')})
select ${KEPT_COLUMNS.map((column) => values[column]).join(', ')}
from json_each(?) cross join ${this.table.jobs} j
where j.id = cast(key as integer) and j.token in (select value from json_each(?)) and j.state = 'reserved'${inTime}`;
  }
}

/** Found once a statement, not once a row. */
const MOMENT = `(select ${SQLITE_NOW})`;

/**
 * The results as an object by id and length of the run, because a list of lists would be parsed once more for each field.
 * A number at the beginning of a text is what SQLite casts it to.
 */
function parametersOf(ends: readonly KeptEnd[]): unknown[] {
  const [results = [], [error] = [], runs = [], [time] = [], [most] = [], [worker] = []] = keptValues(ends);
  const pairs = ends.map(
    ({ id }, row) => `"${id} ${(runs[row] as number | null) ?? ''}":${JSON.stringify(results[row])}`,
  );
  const [, tokens] = heldBy(ends);
  return [error, time, most, worker, `{${pairs.join()}}`, tokens];
}

/** Parts of neighbours that differ in nothing but their results and the lengths of their runs, as nearly all do. */
function keptAlike(ends: readonly KeptEnd[]): KeptEnd[][] {
  const parts: KeptEnd[][] = [];
  let first: KeptEnd | undefined;
  for (const end of ends) {
    if (first && areAlike(first, end)) parts.at(-1)?.push(end);
    else parts.push([(first = end)]);
  }
  return parts;
}

function areAlike({ keep: one }: KeptEnd, { keep: other }: KeptEnd): boolean {
  return (
    one.error === other.error &&
    one.for === other.for &&
    one.most === other.most &&
    one.worker === other.worker
  );
}
