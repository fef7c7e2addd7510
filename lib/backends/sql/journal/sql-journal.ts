import { mustBe } from '../../../core/contract/errors';
import type { JobId } from '../../../core/contract/job-data';
import {
  type Journal,
  LINE_ID,
  type LogLine,
  type LogPage,
  type Progress,
} from '../../../core/contract/ports/journal';
import { type Engine, isId } from '../engine/engine';

/** Shows what jobs say, by the primary key of their progress and the index of lines by job. */
export class SqlJournal implements Journal {
  constructor(
    /** Throws when the backend is closed. */
    private readonly engine: () => Engine,
  ) {}

  async progress(id: JobId): Promise<Progress | undefined> {
    const { db, table } = this.engine().dialect;
    if (!isId(id)) return undefined;
    const [row] = await db.rows<{ progress: string; changed_at: string | number }>(
      `select progress, changed_at from ${table.side('progress')} where job_id = ? and ${this.there}`,
      [id, id, id],
    );
    return row && row.progress !== ''
      ? { value: row.progress, at: new Date(Number(row.changed_at)) }
      : undefined;
  }

  async lines(id: JobId, { after = '0', limit }: LogPage): Promise<LogLine[]> {
    const { db, table, journalWords: words } = this.engine().dialect;
    if (!isId(after)) throw mustBe('after', LINE_ID, after);
    if (!isId(id)) return [];
    const rows = await db.rows<{ id: string; attempt: number; line: string; logged_at: string | number }>(
      `select cast(id as ${words.text}) as id, attempt, line, logged_at from ${table.side('logs')} l
where l.job_id = ? and l.id > ? and ${this.there} order by l.id limit ?`,
      [id, after, id, id, limit],
    );
    return rows.map((row) => ({
      id: row.id,
      attempt: Number(row.attempt),
      text: row.line,
      at: new Date(Number(row.logged_at)),
    }));
  }

  /** Rows whose job is gone may be removed later. */
  private get there(): string {
    const { table } = this.engine().dialect;
    return `(exists (select 1 from ${table.jobs} j where j.id = ?)
  or exists (select 1 from ${table.side('done')} d where d.id = ?))`;
  }
}
