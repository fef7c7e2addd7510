import type { Leased } from '../../../../core/contract/job-data';
import type { SqlSession } from '../../connection/executor';
import type { Claim } from '../../engine/dialect';
import { HEADERS_FOLLOW, type JobTable, packedJob } from '../../layouts/job-table';
import { withGarbledMarked } from '../sqlite-garbled';
import { SQLITE_NOW } from '../sqlite-layouts';

interface Row {
  readonly numbers: string;
  readonly payload: string;
}

/** Takes the first ready jobs in one statement. */
export async function claimedAtOnce(table: JobTable, db: SqlSession, claim: Claim): Promise<Leased[]> {
  const { pipeline, limit, token } = claim;
  const rows = await db.rows<Row>(
    `${leasing(table)} where id in (${firstReady(table, 'id')}) returning ${COLUMNS}`,
    [token, pipeline, pipeline, limit],
  );
  return leasedJobs(table, db, pipeline, rows);
}

/**
 * The same in a transaction, which has the file: what is ready at its first statement still is at the next one. One
 * statement takes a third longer, since SQLite collects all rows, payloads and all, before it gives the first.
 */
export async function claimedWithin(table: JobTable, db: SqlSession, claim: Claim): Promise<Leased[]> {
  const { pipeline, limit, token } = claim;
  const rows = await db.rows<Row>(firstReady(table, COLUMNS), [pipeline, pipeline, limit]);
  const jobs = await leasedJobs(table, db, pipeline, rows);
  if (jobs.length > 0) {
    await db.change(`${leasing(table)} where id in (select value from json_each(?))`, [
      token,
      `[${jobs.map(({ id }) => id).join()}]`,
    ]);
  }
  return jobs;
}

function firstReady({ jobs, pauses }: JobTable, columns: string): string {
  return `select ${columns} from ${jobs}
where pipeline = ? and state = 'ready'
  and not exists (select 1 from ${pauses} where pipeline = ? and paused_until > ${SQLITE_NOW})
order by priority, id limit ?`;
}

function leasing({ jobs }: JobTable): string {
  return `update ${jobs} set state = 'reserved', token = ?, due_at = ${SQLITE_NOW} + ttr_ms`;
}

function leasedJobs(
  { jobs }: JobTable,
  db: SqlSession,
  pipeline: string,
  rows: readonly Row[],
): Promise<Leased[]> {
  const leased = rows.map(({ numbers, payload }) => packedJob(numbers, pipeline, payload));
  return withGarbledMarked(leased, db, jobs);
}

/** For `packedJob`. */
const COLUMNS = `id || ' ' || priority || ' ' || ttr_ms || ' ' || attempts || ' ' || timeouts || ' ' || kicks || ' ' || ifnull(added_at, '-') || ifnull(' ' || retry, '') || ifnull(' ${HEADERS_FOLLOW}' || headers, '') as numbers, cast(payload as text) as payload`;
