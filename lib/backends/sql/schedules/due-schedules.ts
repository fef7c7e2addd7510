import { messageOf, shown } from '../../../core/checks/text';
import { BackendUnavailableError } from '../../../core/contract/errors';
import type { Seconds } from '../../../core/contract/job-data';
import type { Logger } from '../../../core/contract/logger';
import { firing } from '../../../core/schedule/slots';
import type { SqlSession } from '../connection/executor';
import type { SqlDialect } from '../engine/dialect';
import { SCHEDULE_COLUMNS, scheduleOf, type ScheduleRow } from './schedule-row';
import { type AddedSlots, SlotJobs } from './slot-jobs';
import type { Untaken } from './untaken';

/** The most schedules that one transaction fires: what it locks, its rivals pass over. */
const PIECE = 100;
/** The most jobs that one of them adds in it. */
const MOST_SLOTS = 100;
/** After a look that found something due and could not have it: another process is firing it. */
const LOCKED: Seconds = 0.05;
/** While nothing is due but what was passed over. */
const CALM: Seconds = 1;
/** A schedule that could not be fired is tried again after that time, in milliseconds. */
const PASSED_OVER_MS = 60_000;

type DueRow = ScheduleRow & { readonly moment: string | number };

/** What one schedule does now. */
interface Fired {
  readonly row: DueRow;
  readonly slots: readonly number[];
  readonly next: number | undefined;
}

/**
 * Fires the schedules that are due. In one transaction their slots become jobs and they get their next slots, so a slot
 * is done or not, whoever dies. What one process has locked, the others pass over. A schedule that cannot be fired
 * stops no other.
 */
export class DueSchedules {
  /** By name; when it was, in milliseconds of `performance.now()`. */
  private readonly passedOver = new Map<string, number>();
  private readonly jobs: SlotJobs;

  constructor(
    private readonly dialect: SqlDialect,
    /** The pipelines have new jobs. */
    private readonly announce: (pipelines: readonly string[]) => void,
    private readonly untaken: Pick<Untaken, 'fired'>,
    private readonly logger: Logger,
  ) {
    this.jobs = new SlotJobs(dialect);
  }

  /** Fires some; resolves with the time until the next look. */
  async fire(): Promise<Seconds> {
    this.forget();
    const fired = await this.fireSome(PIECE);
    if (fired.length === 0) return this.passedOver.size > 0 ? CALM : LOCKED;
    const added = fired.filter(({ slots }) => slots.length > 0);
    if (added.length > 0) this.announce([...new Set(added.map(({ row }) => row.pipeline))]);
    this.untaken.fired(fired.map(({ row }) => row));
    return 0;
  }

  private async fireSome(limit: number): Promise<readonly Fired[]> {
    let first: string | undefined;
    try {
      return await this.dialect.db.transaction(async (db) => {
        const rows = await this.due(db, limit);
        first = rows[0]?.name;
        const fired = rows.flatMap((row) => this.firingOf(row) ?? []);
        await this.note(db, fired, await this.jobs.add(db, fired));
        return fired;
      });
    } catch (error) {
      if (error instanceof BackendUnavailableError || first === undefined) throw error;
      // One of them is at fault: one by one.
      if (limit > 1) return this.fireSome(1);
      this.passOver(first, error);
      return [];
    }
  }

  private due(db: SqlSession, limit: number): Promise<DueRow[]> {
    const { table, now, scheduleWords: words } = this.dialect;
    const names = [...this.passedOver.keys()];
    const others = names.length === 0 ? '' : ` and name not in (${names.map(() => '?').join(', ')})`;
    return db.rows<DueRow>(
      `select ${SCHEDULE_COLUMNS}, ${now} as moment from ${table.side('schedules')}${words.byNext}
where next_at <= ${now}${others} order by next_at limit ${limit}${words.lockedIfFree}`,
      names,
    );
  }

  /** Undefined when the row says what this version, or its time zones, do not know: another process may. */
  private firingOf(row: DueRow): Fired | undefined {
    try {
      return { row, ...firing(scheduleOf(row), Number(row.next_at), Number(row.moment), MOST_SLOTS) };
    } catch (error) {
      this.passOver(row.name, error);
      return undefined;
    }
  }

  private async note(db: SqlSession, fired: readonly Fired[], added: readonly AddedSlots[]): Promise<void> {
    if (fired.length === 0) return;
    const { table, scheduleWords } = this.dialect;
    const names = fired.map(({ row }) => row.name);
    // The numbers stand in the text: a parameter's type would not be known in a `case`.
    const cases = (column: string, valueOf: (one: Fired, index: number) => number | null | undefined) =>
      `${column} = case name ${fired.map((one, index) => `when ? then ${valueOf(one, index) ?? 'null'}`).join(' ')} else ${column} end`;
    const last = ({ row, slots }: Fired, index: number) =>
      slots[countOf(added[index]) - 1] ?? numberOf(row.last_at);
    await db.change(
      `update ${table.side('schedules')}${scheduleWords.byName}
set ${cases('next_at', ({ next }) => next)}, ${cases('last_at', last)}
where name in (${names.map(() => '?').join(', ')})`,
      [...names, ...names, ...names],
    );
    for (const [index, { row }] of fired.entries()) {
      const job = added[index]?.ids[0];
      if (row.overlap === 0 && job !== undefined) await this.jobs.noteLast(db, row, job);
    }
  }

  private passOver(name: string, error: unknown): void {
    this.passedOver.set(name, performance.now());
    this.logger.error(
      `The schedule ${shown(name)} could not be fired, and is tried again in a minute: ${messageOf(error)}`,
    );
  }

  private forget(): void {
    for (const [name, since] of this.passedOver)
      if (performance.now() - since > PASSED_OVER_MS) this.passedOver.delete(name);
  }
}

function countOf(added: AddedSlots | undefined): number {
  return added?.ids.length ?? 0;
}

function numberOf(moment: string | number | null): number | null {
  return moment === null ? null : Number(moment);
}
