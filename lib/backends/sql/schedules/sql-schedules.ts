import { milliseconds } from '../../../core/checks/checks';
import type { PutResult, Seconds } from '../../../core/contract/job-data';
import type { NewSchedule, Schedules, ScheduleSnapshot } from '../../../core/contract/ports/schedules';
import { hasSameRule, takenByCode } from '../../../core/schedule/rivals';
import { nextSlot } from '../../../core/schedule/slots';
import type { SqlSession } from '../connection/executor';
import type { Engine } from '../engine/engine';
import {
  DEFINITION,
  definitionOf,
  ruleOf,
  SCHEDULE_COLUMNS,
  type ScheduleRow,
  snapshotOf,
} from './schedule-row';
import { SlotJobs } from './slot-jobs';

/** A row as it is locked, and the server's time at that. */
type LockedRow = ScheduleRow & { readonly moment: string | number };

/** Makes, changes and shows schedules. Those that are due are fired by `DueSchedules`. */
export class SqlSchedules implements Schedules {
  constructor(
    /** Throws when the backend is closed. */
    private readonly engine: () => Engine,
  ) {}

  async set(schedule: NewSchedule): Promise<void> {
    const { dialect, readiness } = this.engine();
    const { now, scheduleWords: words } = dialect;
    const columns = ['name', ...DEFINITION];
    const due = await dialect.db.transaction(async (db) => {
      // The row is there from now on, and locked: two processes that start at once do not meet in between.
      await db.change(
        `insert into ${this.table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})${words.unlessThere('name')}`,
        [schedule.name, ...definitionOf(schedule)],
      );
      const known = (await this.locked(db, schedule.name)) as LockedRow;
      if (known.source === 'code' && schedule.source === 'api') throw takenByCode(schedule.name);
      const moment = Number(known.moment);
      const next = nextOf(known, schedule, moment);
      const seen = schedule.source === 'code' ? now : 'null';
      await db.change(
        `update ${this.table}${words.byName} set ${DEFINITION.map((column) => `${column} = ?`).join(', ')}, next_at = ?, seen_at = ${seen} where name = ?`,
        [...definitionOf(schedule, known), next ?? null, schedule.name],
      );
      return next === undefined ? undefined : next - moment;
    });
    if (due !== undefined) readiness.expect(Math.max(0, due / 1000));
  }

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

  async remove(name: string): Promise<boolean> {
    const { db } = this.engine().dialect;
    return (await db.change(`delete from ${this.table} where name = ?`, [name])) > 0;
  }

  pause(name: string): Promise<boolean> {
    // Without a next slot it is in no look at what is due.
    return this.change(name, () => ({ paused: 1, next: null }));
  }

  resume(name: string): Promise<boolean> {
    return this.change(name, (row) =>
      row.paused === 0 ? undefined : { paused: 0, next: nextSlot(ruleOf(row), Number(row.moment)) ?? null },
    );
  }

  async run(name: string): Promise<PutResult | undefined> {
    const { dialect, readiness } = this.engine();
    const ran = await dialect.db.transaction(async (db) => {
      const row = await this.locked(db, name);
      if (!row) return undefined;
      const moment = Number(row.moment);
      const jobs = new SlotJobs(dialect);
      const [added] = await jobs.add(db, [{ row, slots: [moment] }]);
      if (added?.waiting !== undefined) return { existed: true, id: added.waiting, row };
      const [id = ''] = added?.ids ?? [];
      if (row.overlap === 0) await jobs.noteLast(db, row, id);
      await db.change(`update ${this.table}${dialect.scheduleWords.byName} set last_at = ? where name = ?`, [
        moment,
        name,
      ]);
      return { existed: false, id, row };
    });
    if (ran?.existed === false) readiness.announce([ran.row.pipeline]);
    return ran && { id: ran.id, existed: ran.existed };
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

  private get table(): string {
    return this.engine().dialect.table.side('schedules');
  }

  private async locked(db: SqlSession, name: string): Promise<LockedRow | undefined> {
    const { now, scheduleWords } = this.engine().dialect;
    const [row] = await db.rows<LockedRow>(
      `select ${SCHEDULE_COLUMNS}, ${now} as moment from ${this.table} where name = ?${scheduleWords.locked}`,
      [name],
    );
    return row;
  }

  private async change(
    name: string,
    what: (row: LockedRow) => { paused: number; next: number | null } | undefined,
  ): Promise<boolean> {
    const { dialect, readiness } = this.engine();
    const found = await dialect.db.transaction(async (db) => {
      const row = await this.locked(db, name);
      const changed = row && what(row);
      if (changed) {
        await db.change(
          `update ${this.table}${dialect.scheduleWords.byName} set paused = ?, next_at = ? where name = ?`,
          [changed.paused, changed.next, name],
        );
      }
      return row !== undefined;
    });
    readiness.expect(0);
    return found;
  }
}

/** The next slot of a schedule that takes this row's place; one that has just been made has none. */
function nextOf(row: LockedRow, schedule: NewSchedule, moment: number): number | undefined {
  if (row.paused !== 0) return undefined;
  if (row.next_at !== null && hasSameRule(ruleOf(row), schedule)) return Number(row.next_at);
  return nextSlot(schedule, moment);
}
