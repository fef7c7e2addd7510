import type { JobId } from '../../../core/contract/job-data';
import { jobOfSlot, slotOf } from '../../../core/schedule/slot-headers';
import type { SqlSession } from '../connection/executor';
import type { NewRow, SqlDialect } from '../engine/dialect';
import { limitsOf, pieces } from '../puts/put-pieces';
import { lastJobOf, optionsWith, scheduleOf, type ScheduleRow } from './schedule-row';

/** Slots of one schedule whose jobs are to be added. */
export interface DueSlots {
  readonly row: ScheduleRow;
  readonly slots: readonly number[];
}

/** What became of them. */
export interface AddedSlots {
  /** Of the jobs that were added, in the order of their slots. */
  readonly ids: readonly JobId[];
  /** Without overlap: the job of an earlier slot, which still waits or runs. */
  readonly waiting?: JobId;
}

/**
 * Adds the jobs of slots, in a transaction that holds their schedules' rows. That is why a schedule without overlap needs
 * no lock and no key of its own: its last job's id stands in its row, and no other process adds one meanwhile.
 */
export class SlotJobs {
  constructor(private readonly dialect: SqlDialect) {}

  async add(db: SqlSession, due: readonly DueSlots[]): Promise<readonly AddedSlots[]> {
    const waiting = await this.waiting(db, due);
    const slots = due.map(({ row, slots: all }) => {
      if (row.overlap !== 0) return all;
      return waiting.has(row.name) ? [] : all.slice(0, 1);
    });
    const jobs = due.flatMap(({ row }, index): NewRow[] => {
      const schedule = scheduleOf(row);
      return (slots[index] ?? []).map((slot) => ({ pipeline: row.pipeline, ...jobOfSlot(schedule, slot) }));
    });
    const ids: JobId[] = [];
    for (const piece of pieces(jobs, limitsOf(this.dialect)))
      ids.push(...(await this.dialect.put(piece, { transaction: db })));
    let from = 0;
    return due.map(({ row }, index) => {
      const own = ids.slice(from, (from += slots[index]?.length ?? 0));
      const before = waiting.get(row.name);
      return { ids: own, ...(before !== undefined && { waiting: before }) };
    });
  }

  /** That is the schedule's last job from now on. */
  async noteLast(db: SqlSession, row: ScheduleRow, job: JobId): Promise<void> {
    const { table, scheduleWords } = this.dialect;
    await db.change(
      `update ${table.side('schedules')}${scheduleWords.byName} set options = ? where name = ?`,
      [optionsWith(row, job), row.name],
    );
  }

  /** By schedule without overlap, its last job where that waits or runs. A buried one does not count. */
  private async waiting(db: SqlSession, due: readonly DueSlots[]): Promise<Map<string, JobId>> {
    const last = new Map<string, JobId>();
    for (const { row, slots } of due) {
      const job = row.overlap === 0 && slots.length > 0 ? lastJobOf(row) : undefined;
      if (job !== undefined) last.set(row.name, job);
    }
    const waiting = new Map<string, JobId>();
    if (last.size === 0) return waiting;
    const jobs = await db.rows<{ headers: string | null }>(
      `select headers from ${this.dialect.table.jobs} where id in (${[...last].map(() => '?').join(', ')}) and state <> 'buried'`,
      [...last.values()],
    );
    for (const { headers } of jobs) {
      // By its headers: an id may have been given to another job, after a restored backup.
      const name = headers === null ? undefined : slotOf({ headers })?.schedule;
      const job = name === undefined ? undefined : last.get(name);
      if (name !== undefined && job !== undefined) waiting.set(name, job);
    }
    return waiting;
  }
}
