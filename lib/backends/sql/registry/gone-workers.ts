import { allApart } from '../claims/apart';
import type { SqlDialect } from '../engine/dialect';
import type { Prunable } from '../ready/pruner';

/** In milliseconds: until then a process that died, and comes back on the same machine, frees what it held. */
const KEPT_MS = 3_600_000;

/** Processes that nobody lists any more. */
export class GoneWorkers implements Prunable {
  constructor(private readonly dialect: Pick<SqlDialect, 'db' | 'table' | 'now'>) {}

  /** By the primary key, because a deletion that looks for its rows locks all of them on MySQL. */
  async prune(): Promise<boolean> {
    const { db, table, now } = this.dialect;
    const workers = table.side('workers');
    const old = `seen_at <= ${now} - ${KEPT_MS}`;
    const rows = await db.rows<{ id: string }>(`select id from ${workers} where ${old}`);
    await allApart(rows, async (some) => {
      for (const { id } of some) await db.change(`delete from ${workers} where id = ? and ${old}`, [id]);
    });
    return false;
  }
}
