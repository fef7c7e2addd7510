import { isUtf8 } from 'node:buffer';
import type { JobId } from '../../../core/contract/job-data';
import type { SqlSession } from '../connection/executor';

/** What drivers put where text is not UTF-8; it may also be a character of the text. */
const REPLACEMENT = '\ufffd';

/**
 * SQLite stores whatever bytes another program gives it as text. Jobs whose text a driver may have changed are looked
 * at byte by byte; a job without that character costs a comparison.
 */
export async function withGarbledMarked<J extends { readonly id: JobId; readonly payload: string }>(
  jobs: J[],
  db: SqlSession,
  table: string,
): Promise<J[]> {
  const doubtful = jobs.filter(({ payload }) => payload.includes(REPLACEMENT)).map(({ id }) => id);
  if (doubtful.length === 0) return jobs;
  const rows = await db.rows<{ id: JobId; bytes: Uint8Array }>(
    `select cast(id as text) as id, cast(payload as blob) as bytes from ${table} where id in (select value from json_each(?))`,
    [`[${doubtful.join()}]`],
  );
  const garbled = new Set(rows.filter(({ bytes }) => !isUtf8(bytes)).map(({ id }) => id));
  return jobs.map((job) => (garbled.has(job.id) ? { ...job, garbled: true } : job));
}
