import { BackendRefusedError } from '../../../core/contract/errors';
import type { JobId } from '../../../core/contract/job-data';
import type { SqlDialect, Staged, StageRequest } from '../engine/dialect';

/** Delayed jobs and leases whose time is over, as the stager sees them. */
export class DueJobs {
  constructor(private readonly dialect: SqlDialect) {}

  /** See `SqlExecutor.heldUpAt`. */
  get heldUpAt(): number | undefined {
    return this.dialect.db.heldUpAt;
  }

  /** Whether workers are registered: they hold leases, and know whether they could renew them. */
  async areWatched(): Promise<boolean> {
    const { db, table } = this.dialect;
    try {
      return (await db.rows(`select 1 as one from ${table.side('workers')} limit 1`)).length > 0;
    } catch (error) {
      // A role without the right to look has no list of workers, either.
      if (error instanceof BackendRefusedError) return false;
      throw error;
    }
  }

  stage(request: StageRequest): Promise<Staged> {
    return this.dialect.stage(request);
  }

  /** The one that is due first, and may be moved. */
  async first({
    passedOver,
    leasesUntil,
  }: Pick<StageRequest, 'passedOver' | 'leasesUntil'>): Promise<JobId | undefined> {
    const { db, table, now } = this.dialect;
    const [first] = await db.rows<{ id: string | number }>(
      `select id from ${table.jobs}
where state in ('delayed', 'reserved') and due_at <= ${now} and ${mayBeMoved(now)}${exceptFor(passedOver)}
order by due_at limit 1`,
      [leasesUntil],
    );
    return first && String(first.id);
  }

  async bury(id: JobId, reason: string): Promise<void> {
    const { db, table, now } = this.dialect;
    await db.change(
      `update ${table.jobs} set state = 'buried', due_at = ${now}, token = null, reason = ?
where id = ? and state in ('delayed', 'reserved') and due_at <= ${now}`,
      [reason, id],
    );
  }
}

/** Of a row that is due. Its parameter is the moment until which leases are freed. */
export function mayBeMoved(now: string, until = '?'): string {
  return `(state = 'delayed' or ${now} < ${until})`;
}

/** A condition's end that passes over these rows; almost always empty, so that the statement's text stays the same. */
export function exceptFor(ids: readonly JobId[]): string {
  return ids.length === 0 ? '' : ` and id not in (${ids.map((id) => BigInt(id)).join(', ')})`;
}
