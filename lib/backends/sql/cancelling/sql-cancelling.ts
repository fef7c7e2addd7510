import { milliseconds } from '../../../core/checks/checks';
import type { Cancelling } from '../../../core/contract/cancelling';
import type { JobId, Seconds } from '../../../core/contract/job-data';
import { type Engine, isId } from '../engine/engine';

/** How long a cancelled job stays among those that ended, for whoever runs it or waits for it to hear of it. */
const REMEMBERED: Seconds = 60;

/** Moves a job from its table to that of the ended ones, whoever holds it. */
export class SqlCancelling implements Cancelling {
  constructor(
    /** Throws when the backend is closed. */
    private readonly engine: () => Engine,
  ) {}

  async cancel(id: JobId, reason?: string): Promise<boolean> {
    const { dialect, readiness } = this.engine();
    const { db, table, now, journalWords: words } = dialect;
    if (!isId(id)) return false;
    // PostgreSQL's text holds no NUL.
    const why = reason?.replaceAll('\0', '') ?? null;
    const cancelled = await db.transaction(async (session) => {
      const [row] = await session.rows(
        `select 1 as found from ${table.jobs}${words.byId} where id = ?${words.locked}`,
        [id],
      );
      if (!row) return false;
      await session.change(
        `insert into ${table.side('done')}
  (id, pipeline, outcome, payload, error, headers, unique_key, priority, attempts, added_at, ended_at, keep_until)
select id, pipeline, 'cancelled', payload, ?, headers, unique_key, priority, attempts, added_at, ${now}, ${now} + ?
from ${table.jobs}${words.byId} where id = ?`,
        [why, milliseconds(REMEMBERED), id],
      );
      await session.change(`delete from ${table.jobs} where id = ?`, [id]);
      await dialect.announceCancelled?.(session);
      return true;
    });
    if (cancelled) readiness.cancelled.tell(id, why ?? undefined);
    return cancelled;
  }
}
