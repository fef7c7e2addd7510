import { milliseconds } from '../../../core/checks/checks';
import type { JobId } from '../../../core/contract/job-data';
import type { Cancelling } from '../../../core/contract/ports/cancelling';
import type { KeepRule } from '../../../core/contract/ports/history';
import { cancelledKeep, keepOf, keepOfStoredText } from '../../../core/policy/keep';
import type { SqlSession } from '../connection/executor';
import { type Engine, isId } from '../engine/engine';

interface FoundRow {
  readonly pipeline: string;
  readonly retry: string | null;
  /** Of its pipeline. */
  readonly keep: string | null;
}

/**
 * Moves a job from its table to that of the ended ones, whoever holds it. For how long it is kept there stands with the job
 * or its pipeline: who calls a job off need not know the options of its handler.
 */
export class SqlCancelling implements Cancelling {
  constructor(
    /** Throws when the backend is closed. */
    private readonly engine: () => Engine,
  ) {}

  async cancel(id: JobId, reason?: string): Promise<boolean> {
    const { dialect, readiness } = this.engine();
    if (!isId(id)) return false;
    // PostgreSQL's text holds no NUL.
    const why = reason?.replaceAll('\0', '') ?? null;
    const found = await dialect.db.transaction(async (session) => {
      const row = await this.locked(session, id);
      if (!row) return undefined;
      const rule = cancelledKeep(keepOf(row.retry ?? undefined, keepOfStoredText(row.keep)));
      await this.move(session, id, why, rule);
      await dialect.announceCancelled?.(session);
      return { pipeline: row.pipeline, rule };
    });
    if (!found) return false;
    readiness.cancelled.tell(id, why ?? undefined);
    readiness.history.kept(found.pipeline, found.rule);
    return true;
  }

  private async locked(session: SqlSession, id: JobId): Promise<FoundRow | undefined> {
    const { table, journalWords: words } = this.engine().dialect;
    const [row] = await session.rows<FoundRow>(
      `select j.pipeline, j.retry, (select p.keep from ${table.side('pipelines')} p where p.pipeline = j.pipeline) as keep
from ${table.jobs} j${words.byId} where j.id = ?${words.locked}`,
      [id],
    );
    return row;
  }

  private async move(
    session: SqlSession,
    id: JobId,
    why: string | null,
    { for: time, most }: KeepRule,
  ): Promise<void> {
    const { table, now, journalWords: words } = this.engine().dialect;
    await session.change(
      `insert into ${table.side('done')}
  (id, pipeline, outcome, payload, error, history, headers, unique_key, priority, attempts, added_at, ended_at, keep_until, keep_most)
select id, pipeline, 'cancelled', payload, ?, history, headers, unique_key, priority, attempts, added_at, ${now}, ${now} + ?, ?
from ${table.jobs}${words.byId} where id = ?`,
      [why, time === Infinity ? null : milliseconds(time), most ?? null, id],
    );
    await session.change(`delete from ${table.jobs} where id = ?`, [id]);
  }
}
