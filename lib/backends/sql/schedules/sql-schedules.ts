import { milliseconds } from '../../../core/checks/checks';
import type { Seconds } from '../../../core/contract/job-data';
import type { Schedules, ScheduleSnapshot } from '../../../core/contract/ports/schedules';
import { SCHEDULE_COLUMNS, type ScheduleRow, snapshotOf } from './schedule-row';
import { SqlScheduleChanges } from './sql-schedule-changes';

/** Makes, changes and shows schedules. Those that are due are fired by `DueSchedules`. */
export class SqlSchedules extends SqlScheduleChanges implements Schedules {
  async find(name: string): Promise<ScheduleSnapshot | undefined> {
    const [row] = await this.engine().dialect.db.rows<ScheduleRow>(
      `select ${SCHEDULE_COLUMNS} from ${this.table} where name = ?`,
      [name],
    );
    return row && snapshotOf(row);
  }

  async list({ offset, limit }: { offset: number; limit: number }): Promise<ScheduleSnapshot[]> {
    const rows = await this.engine().dialect.db.rows<ScheduleRow>(
      `select ${SCHEDULE_COLUMNS} from ${this.table} order by name limit ? offset ?`,
      [limit, offset],
    );
    return rows.map(snapshotOf);
  }

  async announce(names: readonly string[]): Promise<string[]> {
    if (names.length === 0) return [];
    const { db, now, scheduleWords } = this.engine().dialect;
    const list = names.map(() => '?').join(', ');
    await db.change(
      `update ${this.table}${scheduleWords.byName} set seen_at = ${now} where name in (${list}) and source = 'code'`,
      names,
    );
    const stored = await db.rows<{ name: string }>(
      `select name from ${this.table} where name in (${list})`,
      names,
    );
    const known = new Set(stored.map(({ name }) => name));
    return names.filter((name) => !known.has(name));
  }

  async retire(after: Seconds): Promise<string[]> {
    const { db, now } = this.engine().dialect;
    const condition = `source = 'code' and seen_at <= ${now} - ${milliseconds(after)}`;
    const old = await db.rows<{ name: string }>(
      `select name from ${this.table} where ${condition} order by name`,
    );
    const retired: string[] = [];
    for (const { name } of old) {
      // Somebody may have announced it meanwhile.
      const removed = await db.change(`delete from ${this.table} where name = ? and ${condition}`, [name]);
      if (removed > 0) retired.push(name);
    }
    return retired;
  }
}
