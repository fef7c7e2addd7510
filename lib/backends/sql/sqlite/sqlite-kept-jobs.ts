import type { JobId } from '../../../core/contract/job-data';
import type { SqlSession } from '../connection/executor';
import type { KeptEnd, TouchOptions } from '../engine/dialect';
import { MOST } from '../engine/states';
import { KEPT_COLUMNS, type KeptValues, keptValues } from '../history/kept-row';
import type { JobTable } from '../layouts/job-table';
import { fieldAt } from './put/sqlite-insert';
import { SQLITE_NOW } from './sqlite-layouts';

/** In a transaction, which has the file: what is held at its first statement still is at the next one. */
export class SqliteKeptJobs {
  constructor(private readonly table: JobTable) {}

  /** Deletes those that are still held, and keeps them. Returns their ids. */
  async keep(db: SqlSession, ends: readonly KeptEnd[]): Promise<JobId[]> {
    const ids = await this.write(db, ends);
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
    const values: KeptValues = {
      id: 'j.id',
      pipeline: 'j.pipeline',
      outcome: `'completed'`,
      payload: 'j.payload',
      result: fieldAt(2),
      error: fieldAt(3),
      history: 'j.history',
      headers: 'j.headers',
      unique_key: 'j.unique_key',
      priority: 'j.priority',
      attempts: `min(j.attempts, ${MOST}) + 1`,
      added_at: 'j.added_at',
      started_at: `${SQLITE_NOW} - ${fieldAt(4)}`,
      ended_at: SQLITE_NOW,
      keep_until: `${SQLITE_NOW} + ${fieldAt(5)}`,
      keep_most: fieldAt(6),
      worker: fieldAt(7),
    };
    const columns = keptValues(ends);
    const list = ends.map(({ id, token }, row) => [id, token, ...columns.map((column) => column[row])]);
    const inTime = overdue ? '' : ` and j.due_at > ${SQLITE_NOW}`;
    const written = await db.rows<{ id: JobId }>(
      `insert or replace into ${this.table.side('done')} (${KEPT_COLUMNS.join(', ')})
select ${KEPT_COLUMNS.map((column) => values[column]).join(', ')}
from json_each(?) cross join ${this.table.jobs} j
where j.id = cast(${fieldAt(0)} as integer) and j.token = ${fieldAt(1)} and j.state = 'reserved'${inTime}
returning cast(id as text) as id`,
      [JSON.stringify(list)],
    );
    return written.map(({ id }) => id);
  }
}
