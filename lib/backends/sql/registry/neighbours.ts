import { BEAT, SILENCE } from '../../../core/contract/ports/registry';
import { clearTimeout, setTimeout } from '../../../core/time/timers';
import { apart } from '../claims/apart';
import type { Engine } from '../engine/engine';
import { FREED } from '../engine/states';
import { isGone, machineOf, removeFile } from './life-sign';
import { PROCESS_NAME_LENGTH, processOf } from './process-name';

/**
 * In milliseconds. A beat and some more, so that nobody is taken for dead whose beats arrive. It proves nothing, and
 * protects from machines that are copies of one another.
 */
const SILENT_MS = BEAT * 1000 + 1500;

/** The most jobs that one statement frees. */
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
  private closed = false;

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
    this.closed = false;
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
    if (next < Infinity && !this.closed) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.watch(place).catch(() => undefined), next);
      this.timer.unref();
    }
    return Number(neighbours[0]?.elsewhere) === 0;
  }

  close(): void {
    this.closed = true;
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
    const process = processOf(id);
    while ((await this.freeSome(process)) === PIECE);
    removeFile(process);
    // It is on no list any more, and its row goes with those of all that are gone.
    await this.engine().dialect.db.change(
      `update ${this.workers} set place = null, seen_at = 0 where id = ?`,
      [id],
    );
  }

  /**
   * As if their time were over, but at once: nobody is left who could renew them. Found by the index of what is due
   * (ready jobs have no time, and are not in that range), without locks, and changed by the primary key where they are
   * still so. Resolves with how many were freed; what the server refuses waits for its time.
   */
  private async freeSome(process: string): Promise<number> {
    const { dialect, readiness } = this.engine();
    const { table, db } = dialect;
    const held = `state in ('delayed', 'reserved') and state = 'reserved' and due_at > 0 and substr(token, 1, ${PROCESS_NAME_LENGTH}) = ?`;
    const found = await db.patient.rows<{ id: string | number; pipeline: string }>(
      `select id, pipeline from ${table.jobs} where ${held} limit ${PIECE}`,
      [process],
    );
    const refused = await apart(found, async (some) => {
      const ids = some.map(({ id }) => BigInt(id)).join(', ');
      await db.patient.change(
        `update ${table.jobs}${dialect.byPrimaryKey ?? ''} set ${FREED}, state = 'ready', due_at = null where id in (${ids}) and ${held}`,
        [process],
      );
    });
    readiness.announce([...new Set(found.map(({ pipeline }) => pipeline))]);
    return found.length - refused.length;
  }

  private get workers(): string {
    return this.engine().dialect.table.side('workers');
  }
}
