import type { Leased } from '../../../../core/contract/job-data';
import type { Claim } from '../../engine/dialect';
import { type JobTable, reservedJob } from '../../layouts/job-table';
import type { ListingSession } from '../session/sqlite-session';
import { withGarbledMarked } from '../sqlite-garbled';
import { SQLITE_NOW } from '../sqlite-layouts';

/** Takes the first ready jobs in one statement. */
export async function claimedAtOnce(table: JobTable, db: ListingSession, claim: Claim): Promise<Leased[]> {
  const { pipeline, limit, token } = claim;
  const rows = await db.lists<Columns>(
    `${leasing(table)} where id in (${firstReady(table, 'id')}) returning ${COLUMNS}`,
    [token, pipeline, pipeline, limit],
  );
  return leasedJobs(table, db, pipeline, rows);
}

/**
 * The same in a transaction, which has the file: what is ready at its first statement still is at the next one. One
 * statement takes a third longer, since SQLite collects all rows, payloads and all, before it gives the first.
 */
export async function claimedWithin(table: JobTable, db: ListingSession, claim: Claim): Promise<Leased[]> {
  const { pipeline, limit, token } = claim;
  const rows = await db.lists<Columns>(firstReady(table, COLUMNS), [pipeline, pipeline, limit]);
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
  db: ListingSession,
  pipeline: string,
  rows: readonly Columns[],
): Promise<Leased[]> {
  return withGarbledMarked(
    rows.map((row) => leasedJob(pipeline, row)),
    db,
    jobs,
  );
}

/*
 * What a claim reads. None has a name of its own: `order by id` would sort by a text of that name. An id beyond 2^53 is
 * a text, because drivers round numbers, or refuse them. The counters are 0 in nearly all jobs, and else a text for the
 * same reason: SQLite checks none of what another program writes there.
 */
const COLUMNS = `iif(id > ${Number.MAX_SAFE_INTEGER}, cast(id as text), id), priority, ttr_ms, added_at, cast(payload as text),
  iif(attempts | timeouts | kicks, attempts || ' ' || timeouts || ' ' || kicks, null), cast(retry as text), cast(headers as text)`;

type Columns = readonly [
  id: number | string,
  priority: number,
  ttrMs: number,
  addedAt: number | null,
  payload: string,
  counters: string | null,
  retry: string | null,
  headers: string | null,
];

const NEW = ['0', '0', '0'] as const;

function leasedJob(
  pipeline: string,
  [id, priority, ttrMs, addedAt, payload, counters, retry, headers]: Columns,
): Leased {
  const [attempts, timeouts, kicks] = counters === null ? NEW : counters.split(' ');
  return reservedJob({
    id: String(id),
    pipeline,
    payload,
    priority,
    ttr_ms: ttrMs,
    attempts: Number(attempts),
    timeouts: Number(timeouts),
    kicks: Number(kicks),
    added_at: addedAt,
    retry,
    headers,
  });
}
