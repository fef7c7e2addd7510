import { passIds, writeRows } from './rows';

/** Behind those of the jobs that were there before. */
const FIRST_ID = 1_000_000;

/**
 * Writes so many kept jobs of a pipeline into the queue's table, as a million ends would have done: what ends after them
 * has greater ids. (Before ids that are there already, InnoDB splits pages as it never has to in a table that grows.)
 */
export async function keepRows(url: string, pipeline: string, rows: number): Promise<void> {
  await writeRows(url, rows, (numbers, first) => insert(pipeline, first, numbers));
  await passIds(url, FIRST_ID + rows);
}

/** They ended in the last weeks, one after the other, and have what such a row usually has. */
function insert(pipeline: string, first: number, numbers: string): string {
  const at = `${Date.now() - 30 * 86_400_000} + (${first} + n) * 1000`;
  return `insert into job_queue_jobs_done
  (id, pipeline, outcome, payload, result, priority, attempts, added_at, started_at, ended_at, worker)
select ${FIRST_ID + first} + n, '${pipeline}', 'completed',
  '{"at":1732700000000,"number":12345,"to":"ann@example.com","subject":"Your order has left our house today"}',
  '{"delivered":12345}', 1024, 1, ${at}, ${at}, ${at}, 'host:1234' from ${numbers}`;
}
