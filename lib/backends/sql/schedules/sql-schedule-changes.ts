import type { PutResult } from '../../../core/contract/job-data';
import type { NewSchedule, ScheduleChanges } from '../../../core/contract/ports/schedules';
import { hasSameRule, takenByCode } from '../../../core/schedule/rivals';
import { nextSlot } from '../../../core/schedule/slots';
import type { SqlSession } from '../connection/executor';
import type { Engine } from '../engine/engine';
import type { Arrival } from '../puts/put-results';
import type { Within } from '../transactions/within';
import { DEFINITION, definitionOf, ruleOf, SCHEDULE_COLUMNS, type ScheduleRow } from './schedule-row';
import { SlotJobs } from './slot-jobs';

/** A row as it is locked, and the server's time at that. */
type LockedRow = ScheduleRow & { readonly moment: string | number };

/** A slot becomes a job when it is due, so that nothing is ready yet: in seconds. */
const SOONEST = 0.001;

/** Makes and changes schedules, in transactions of its own or in one of the application's. */
export class SqlScheduleChanges implements ScheduleChanges {
  constructor(
    /** Throws when the backend is closed. */
    protected readonly engine: () => Engine,
    private readonly within: Within,
  ) {}

  set(schedule: NewSchedule): Promise<void> {
    return this.within(async (db) => {
      const { now, scheduleWords: words } = this.engine().dialect;
      const columns = ['name', ...DEFINITION];
      // The row is there from now on, and locked: two processes that start at once do not meet in between.
      await db.change(
        `insert into ${this.table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})${words.unlessThere('name')}`,
        [schedule.name, ...definitionOf(schedule)],
      );
      const known = (await this.locked(db, schedule.name)) as LockedRow;
      if (known.source === 'code' && schedule.source === 'api') throw takenByCode(schedule.name);
      const next = nextOf(known, schedule);
      const seen = schedule.source === 'code' ? now : 'null';
      await db.change(
        `update ${this.table}${words.byName} set ${DEFINITION.map((column) => `${column} = ?`).join(', ')}, next_at = ?, seen_at = ${seen} where name = ?`,
        [...definitionOf(schedule, known), next ?? null, schedule.name],
      );
      return { result: undefined, arrivals: arrivalsOf(known, next) };
    });
  }

  remove(name: string): Promise<boolean> {
    return this.within(async (db) => {
      // By the row: not every library tells how many rows a statement has deleted.
      const row = await this.locked(db, name);
      if (row) await db.change(`delete from ${this.table} where name = ?`, [name]);
      return { result: row !== undefined, arrivals: [] };
    });
  }

  pause(name: string): Promise<boolean> {
    // Without a next slot it is in no look at what is due.
    return this.change(name, () => ({ paused: 1, next: undefined }));
  }

  resume(name: string): Promise<boolean> {
    return this.change(name, (row) =>
      row.paused === 0 ? undefined : { paused: 0, next: nextSlot(ruleOf(row), Number(row.moment)) },
    );
  }

  run(name: string): Promise<PutResult | undefined> {
    return this.within<PutResult | undefined>(async (db) => {
      const row = await this.locked(db, name);
      if (!row) return { result: undefined, arrivals: [] };
      const { dialect } = this.engine();
      const moment = Number(row.moment);
      const jobs = new SlotJobs(dialect);
      const [added] = await jobs.add(db, [{ row, slots: [moment] }]);
      if (added?.waiting !== undefined) return { result: { existed: true, id: added.waiting }, arrivals: [] };
      const [id = ''] = added?.ids ?? [];
      if (row.overlap === 0) await jobs.noteLast(db, row, id);
      await db.change(`update ${this.table}${dialect.scheduleWords.byName} set last_at = ? where name = ?`, [
        moment,
        name,
      ]);
      return { result: { existed: false, id }, arrivals: [{ pipeline: row.pipeline, delay: 0 }] };
    });
  }

  protected get table(): string {
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

  private change(
    name: string,
    what: (row: LockedRow) => { paused: number; next: number | undefined } | undefined,
  ): Promise<boolean> {
    return this.within(async (db) => {
      const { scheduleWords } = this.engine().dialect;
      const row = await this.locked(db, name);
      const changed = row && what(row);
      if (!changed) return { result: row !== undefined, arrivals: [] };
      await db.change(
        `update ${this.table}${scheduleWords.byName} set paused = ?, next_at = ? where name = ?`,
        [changed.paused, changed.next ?? null, name],
      );
      return { result: true, arrivals: arrivalsOf(row, changed.next) };
    });
  }
}

/** The next slot of a schedule that takes this row's place; one that has just been made has none. */
function nextOf(row: LockedRow, schedule: NewSchedule): number | undefined {
  if (row.paused !== 0) return undefined;
  if (row.next_at !== null && hasSameRule(ruleOf(row), schedule)) return Number(row.next_at);
  return nextSlot(schedule, Number(row.moment));
}

function arrivalsOf({ pipeline, moment }: LockedRow, next: number | undefined): Arrival[] {
  return next === undefined ? [] : [{ pipeline, delay: Math.max(SOONEST, (next - Number(moment)) / 1000) }];
}
