import type { JobId } from '../../../../core/contract/job-data';
import type { SqlSession } from '../../connection/executor';
import type { NewRow } from '../../engine/dialect';
import type { JobTable } from '../../layouts/job-table';
import { allStored, consecutiveIds } from '../../puts/stored-ids';
import { sqliteInsert } from './sqlite-insert';

/** From so many rows on, one more statement costs less than `returning`, which costs half as much again as the insert. */
const MANY = 50;

/** Stores all rows in a transaction of the queue's own, which has the file for itself. Returns their ids in the same order. */
export async function storeAll(table: JobTable, rows: readonly NewRow[], db: SqlSession): Promise<JobId[]> {
  if (rows.length < MANY || (await hasTriggers(table, db))) return storeWithin(table, rows, db);
  const before = await lastId(table, db);
  const count = await db.change(...sqliteInsert(table, rows));
  return allStored('sqlite', rows, consecutiveIds(before + 1n, count));
}

/**
 * The same in a transaction of the caller's, by one statement: if it began without a lock, SQLite refuses what is written
 * after something was read that somebody else has changed since.
 */
export async function storeWithin(
  table: JobTable,
  rows: readonly NewRow[],
  db: SqlSession,
): Promise<JobId[]> {
  const [insert, parameters] = sqliteInsert(table, rows);
  const stored = await db.rows<{ id: JobId }>(`${insert} returning cast(id as text) as id`, parameters);
  const ids = stored.map(({ id }) => id);
  return allStored('sqlite', rows, ids);
}

/**
 * The id before the next one. In a transaction that writes, the ids of one insert follow it without a gap, by
 * `autoincrement`: https://www.sqlite.org/autoinc.html. Only a trigger can come between them, with rows of its own.
 */
export async function lastId({ name, jobs }: JobTable, db: SqlSession): Promise<bigint> {
  const [row] = await db.rows<{ id: string | null }>(
    `select cast(max(coalesce((select seq from sqlite_sequence where name = ?), 0), coalesce((select max(id) from ${jobs}), 0)) as text) as id`,
    [name],
  );
  return BigInt(row?.id ?? 0);
}

/** Whether the application has put triggers on the table, also on this connection alone. */
async function hasTriggers({ name }: JobTable, db: SqlSession): Promise<boolean> {
  const trigger = (catalogue: string) =>
    `select 1 as found from ${catalogue} where type = 'trigger' and lower(tbl_name) = lower(?)`;
  const found = await db.rows(
    `${trigger('sqlite_master')} union all ${trigger('sqlite_temp_master')} limit 1`,
    [name, name],
  );
  return found.length > 0;
}
