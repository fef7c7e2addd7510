import { milliseconds } from '../../../core/checks/checks';
import type { JobId } from '../../../core/contract/job-data';
import { ended } from '../claims/lone-run';
import type { SqlSession } from '../connection/executor';
import type { Change } from '../engine/dialect';
import { MOST } from '../engine/states';
import { type HistoryWords, withFailure } from '../history/failed-attempts';
import type { JobTable } from '../layouts/job-table';
import { fieldAt } from './put/sqlite-insert';
import { SQLITE_NOW } from './sqlite-layouts';

const HISTORY_WORDS: HistoryWords = {
  concatenated: (...texts) => texts.join(' || '),
  position: 'instr',
  schema: '',
};

/** Settlements that keep the rows. Returns the ids of those that were still held. */
export async function changeHeld(
  { jobs }: JobTable,
  db: SqlSession,
  changes: readonly Change[],
): Promise<JobId[]> {
  const list = changes.map((it) => [
    it.id,
    it.token,
    it.state,
    milliseconds(it.delay),
    it.priority,
    it.reason,
    it.ended,
    it.failure,
  ]);
  const changed = await db.rows<{ id: JobId }>(
    `update ${jobs} as j
set state = ${fieldAt(2)}, due_at = iif(${fieldAt(2)} <> 'ready', ${SQLITE_NOW} + ${fieldAt(3)}, null), token = null,
  attempts = min(attempts, ${MOST}) + ${fieldAt(6)}, priority = ${fieldAt(4)}, reason = ${fieldAt(5)}, flags = ${ended},
  history = ${withFailure(HISTORY_WORDS, SQLITE_NOW, fieldAt(7))}
from json_each(?)
where j.id = cast(${fieldAt(0)} as integer) and j.token = ${fieldAt(1)} and j.state = 'reserved' and j.due_at > ${SQLITE_NOW}
returning cast(id as text) as id`,
    [JSON.stringify(list)],
  );
  return changed.map(({ id }) => id);
}
