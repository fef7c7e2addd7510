import type { Engine } from '../engine/engine';
import { isGone } from './life-sign';
import { PROCESS_NAME_LENGTH, processOf } from './process-name';

/**
 * In milliseconds. More than a beat, so that nobody is asked after whose beats arrive. It proves nothing, and protects
 * from machines that are copies of one another: a process whose beats arrive is never taken for dead.
 */
const SILENT_MS = 8000;

/** The most leases that one statement ends. */
const PIECE = 1000;

/** Frees what processes of this place held that have died. */
export class DeadNeighbours {
  constructor(
    private readonly process: string,
    private readonly engine: () => Engine,
  ) {}

  async free(place: string): Promise<void> {
    const { dialect, readiness } = this.engine();
    const { db, table, now } = dialect;
    const workers = table.side('workers');
    const silent = await db.rows<{ id: string }>(
      `select id from ${workers} where place = ? and seen_at <= ${now} - ${SILENT_MS}`,
      [place],
    );
    for (const { id } of silent) {
      const process = processOf(id);
      if (process === this.process || !(await isGone(process))) continue;
      await this.runOut(process);
      // Its row goes with those of all that are gone.
      await db.change(`update ${workers} set place = null where id = ?`, [id]);
      readiness.expect(0);
    }
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
}
