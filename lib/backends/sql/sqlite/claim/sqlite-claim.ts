import type { Leased } from '../../../../core/contract/job-data';
import type { SqlSession } from '../../connection/executor';
import type { Claim } from '../../engine/dialect';
import { HEADERS_FOLLOW, type JobTable, packedJob } from '../../layouts/job-table';
import { withGarbledMarked } from '../sqlite-garbled';
import { SQLITE_NOW } from '../sqlite-layouts';

/**
 * Takes the first ready jobs, in a transaction, which has the file: what is ready at its first statement still is at
 * the next one. One update with `returning` takes a third longer, since SQLite collects all rows, payloads and all,
 * before it gives the first.
 */
export async function claimed(
  { jobs, pauses }: JobTable,
  db: SqlSession,
  { pipeline, limit, token }: Claim,
): Promise<Leased[]> {
  const found = await db.rows<{ numbers: string; payload: string }>(
    `select ${NUMBERS} as numbers, cast(payload as text) as payload from ${jobs}
where pipeline = ? and state = 'ready'
  and not exists (select 1 from ${pauses} where pipeline = ? and paused_until > ${SQLITE_NOW})
order by priority, id limit ?`,
    [pipeline, pipeline, limit],
  );
  if (found.length === 0) return [];
  const leased = found.map(({ numbers, payload }) => packedJob(numbers, pipeline, payload));
  await db.change(
    `update ${jobs} set state = 'reserved', token = ?, due_at = ${SQLITE_NOW} + ttr_ms
where id in (select value from json_each(?))`,
    [token, `[${leased.map(({ id }) => id).join()}]`],
  );
  return withGarbledMarked(leased, db, jobs);
}

/** For `packedJob`. */
const NUMBERS = `id || ' ' || priority || ' ' || ttr_ms || ' ' || attempts || ' ' || timeouts || ' ' || kicks || ' ' || ifnull(added_at, '-') || ifnull(' ' || retry, '') || ifnull(' ${HEADERS_FOLLOW}' || headers, '')`;
