import { SILENCE } from '../../../core/contract/ports/registry';
import { clearTimeout, setTimeout } from '../../../core/time/timers';
import type { Engine } from '../engine/engine';
import { isGone, machineOf, removeFile } from './life-sign';
import { PROCESS_NAME_LENGTH, processOf } from './process-name';

/**
 * In milliseconds. A beat and some more, so that nobody is taken for dead whose beats arrive. It proves nothing, and
 * protects from machines that are copies of one another.
 */
const SILENT_MS = 4000;

/** The most leases that one statement ends. */
const PIECE = 1000;

interface Neighbour {
  readonly id: string;
  readonly place: string;
  /** For how long nothing was heard of it, in milliseconds. */
  readonly silent: number | string;
  /** How many processes live at other places, where nobody may prove that one of this place is gone. */
  readonly elsewhere: number | string;
}

/** The other processes of the machine where this one is. */
export class Neighbours {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly process: string,
    private readonly engine: () => Engine,
  ) {}

  /**
   * Frees what those held that have died: now, or when they are silent for long enough. Returns whether all that live
   * are of this place, so that each of them would do the same for this one.
   */
  async watch(place: string): Promise<boolean> {
    clearTimeout(this.timer);
    let next = Infinity;
    const neighbours = await this.machine(place);
    for (const { id, place: other, silent } of neighbours) {
      const process = processOf(id);
      if (process === this.process || !(await isGone(process, other === place))) continue;
      const left = SILENT_MS - Number(silent);
      if (left <= 0) await this.free(id);
      else next = Math.min(next, left);
    }
    // The next beat may be later, and tries again what fails here.
    if (next < Infinity) {
      this.timer = setTimeout(() => void this.watch(place).catch(() => undefined), next);
      this.timer.unref();
    }
    return Number(neighbours[0]?.elsewhere) === 0;
  }

  close(): void {
    clearTimeout(this.timer);
  }

  /** All of the machine, this process, too. */
  private machine(place: string): Promise<Neighbour[]> {
    const { db, now } = this.engine().dialect;
    const elsewhere = `select count(*) from ${this.workers} where seen_at > ${now} - ${SILENCE * 1000} and (place is null or place <> ?)`;
    return db.rows<Neighbour>(
      `select id, place, ${now} - seen_at as silent, (${elsewhere}) as elsewhere from ${this.workers} where place like ?`,
      [place, `${machineOf(place)} %`],
    );
  }

  private async free(id: string): Promise<void> {
    const { dialect, readiness } = this.engine();
    const process = processOf(id);
    await this.runOut(process);
    removeFile(process);
    // It is on no list any more, and its row goes with those of all that are gone.
    await dialect.db.change(`update ${this.workers} set place = null, seen_at = 0 where id = ?`, [id]);
    readiness.expect(0);
  }

  /**
   * As if their time were over: the stager makes the jobs ready, and counts a lost lease. Found by the index of what is
   * due, without locks, and changed by the primary key where they are still so.
   */
  private async runOut(process: string): Promise<void> {
    const { db, table, now } = this.engine().dialect;
    const held = `state in ('delayed', 'reserved') and state = 'reserved' and due_at > ${now} and substr(token, 1, ${PROCESS_NAME_LENGTH}) = ?`;
    for (;;) {
      const found = await db.patient.rows<{ id: string | number }>(
        `select id from ${table.jobs} where ${held} limit ${PIECE}`,
        [process],
      );
      if (found.length === 0) return;
      const ids = found.map(({ id }) => BigInt(id));
      await db.patient.change(
        `update ${table.jobs} set due_at = ${now} where id in (${ids.join(', ')}) and ${held}`,
        [process],
      );
      if (found.length < PIECE) return;
    }
  }

  private get workers(): string {
    return this.engine().dialect.table.side('workers');
  }
}
