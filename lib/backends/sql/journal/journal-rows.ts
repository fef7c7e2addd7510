import { milliseconds } from '../../../core/checks/checks';
import type { JobId } from '../../../core/contract/job-data';
import { type JournalEntry, MOST_LINES, type NewLogLine } from '../../../core/contract/ports/journal';
import type { SqlSession } from '../connection/executor';
import type { Hold, SqlDialect } from '../engine/dialect';

/** The most that one statement takes. */
const PIECE = 100;

/** An entry, and the hold that it has to name. */
export interface NotedEntry extends JournalEntry {
  readonly hold: Hold;
  /** Whether its job may have more lines than stay. */
  readonly long: boolean;
}

/**
 * Writes and removes the rows of what jobs say. A job that has said anything has a row of its progress, whose text is empty
 * as long as it has only logged: by it its lines are found when the job is gone.
 */
export class JournalRows {
  constructor(private readonly dialect: Pick<SqlDialect, 'db' | 'table' | 'now' | 'journalWords'>) {}

  /** All or none; returns the ids of those that were still held. */
  async write(entries: readonly NotedEntry[]): Promise<JobId[]> {
    const ours: JobId[] = [];
    for (let start = 0; start < entries.length; start += PIECE) {
      const piece = entries.slice(start, start + PIECE);
      ours.push(...(await this.dialect.db.transaction((db) => this.writeIn(db, piece))));
    }
    return ours;
  }

  async writeIn(db: SqlSession, entries: readonly NotedEntry[]): Promise<JobId[]> {
    const held = new Set(
      await this.lock(
        db,
        entries.map(({ hold }) => hold),
      ),
    );
    const ours = entries.filter(({ hold }) => held.has(hold.id));
    if (ours.length === 0) return [];
    await this.writeProgress(db, ours);
    for (const entry of ours) if (entry.lines) await this.writeLines(db, entry, entry.lines);
    return ours.map(({ hold }) => hold.id);
  }

  /** Removes the rows of those of the jobs that are neither there nor kept. */
  async sweep(ids: readonly JobId[]): Promise<void> {
    const { db, table } = this.dialect;
    const list = ids.map(() => '?').join(', ');
    const gone = `not exists (select 1 from ${table.jobs} j where j.id = job_id)
  and not exists (select 1 from ${table.side('done')} d where d.id = job_id)`;
    // The lines first: by the row of its progress the others would be found again.
    for (const name of ['logs', 'progress'])
      await db.change(`delete from ${table.side(name)} where job_id in (${list}) and ${gone}`, ids);
  }

  /** Also what a job of a process that died has said is found here, and that of a job which was removed. */
  async gone(
    after: JobId,
    limit: number,
  ): Promise<{ readonly last: JobId | undefined; readonly ids: JobId[] }> {
    const { db, table, journalWords: words } = this.dialect;
    const rows = await db.rows<{ id: string; there: number | string }>(
      `select cast(p.job_id as ${words.text}) as id, case when j.id is null and d.id is null then 0 else 1 end as there
from (select job_id from ${table.side('progress')}${words.byId} where job_id > ? order by job_id limit ${limit}) p
  left join ${table.jobs} j${words.byId} on j.id = p.job_id
  left join ${table.side('done')} d${words.byId} on d.id = p.job_id
order by p.job_id`,
      [after],
    );
    return {
      last: rows.length < limit ? undefined : rows.at(-1)?.id,
      ids: rows.filter(({ there }) => Number(there) === 0).map(({ id }) => id),
    };
  }

  /** So that no settlement comes between this and what is written: a row without a job would be left. */
  private async lock(db: SqlSession, holds: readonly Hold[]): Promise<JobId[]> {
    const { table, now, journalWords: words } = this.dialect;
    const tokens = [...new Set(holds.map(({ token }) => token))];
    const ids = holds.map(({ id }) => id);
    // A row has a token as long as it is reserved.
    const rows = await db.rows<{ id: string }>(
      `select cast(id as ${words.text}) as id from ${table.jobs}${words.byId}
where id in (${ids.map(() => '?').join(', ')}) and token in (${tokens.map(() => '?').join(', ')}) and due_at > ${now}
order by id${words.locked}`,
      [...ids, ...tokens],
    );
    return rows.map(({ id }) => id);
  }

  private async writeProgress(db: SqlSession, entries: readonly NotedEntry[]): Promise<void> {
    const { table, now, journalWords: words } = this.dialect;
    await db.change(
      `insert into ${table.side('progress')}${words.into} (job_id, progress, changed_at)
values ${entries.map(() => `(?, ?, ${now})`).join(', ')}${words.orChange}`,
      entries.flatMap(({ hold, progress = '' }) => [hold.id, withoutNul(progress)]),
    );
  }

  private async writeLines(
    db: SqlSession,
    { hold, job, long }: NotedEntry,
    lines: readonly NewLogLine[],
  ): Promise<void> {
    const { table, now } = this.dialect;
    const logs = table.side('logs');
    for (let start = 0; start < lines.length; start += PIECE) {
      const piece = lines.slice(start, start + PIECE);
      await db.change(
        `insert into ${logs} (job_id, attempt, logged_at, line)
values ${piece.map(() => `(?, ?, ${now} - ?, ?)`).join(', ')}`,
        piece.flatMap(({ text, age }) => [hold.id, job.attempt, milliseconds(age), withoutNul(text)]),
      );
    }
    if (!long) return;
    // A table within the table: MySQL deletes from none that it reads.
    await db.change(
      `delete from ${logs} where job_id = ? and id <= (
  select id from (select id from ${logs} where job_id = ? order by id desc limit 1 offset ${MOST_LINES}) o)`,
      [hold.id, hold.id],
    );
  }
}

/** PostgreSQL's text holds none. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}
