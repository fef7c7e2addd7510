import type { JobId } from '../../../core/contract/job-data';
import type { JobFate, Waiting } from '../../../core/contract/ports/waiting';
import { type Engine, isId } from '../engine/engine';

/** MariaDB makes a join of longer lists, and may scan the table then. */
const LIST = 500;

interface OpenRow {
  readonly id: string;
  readonly state: string;
  readonly attempts: number | string;
  readonly reason: string | null;
}

interface EndedRow {
  readonly id: string;
  readonly outcome: string;
  readonly result: string | null;
  readonly error: string | null;
}

/**
 * Looks at any number of jobs by their primary key: one statement for those that are there, and one for the others, only
 * when there are any. In this order, because a job that ends goes from the one table to the other in one commit.
 */
export class SqlWaiting implements Waiting {
  constructor(
    /** Throws when the backend is closed. */
    private readonly engine: () => Engine,
  ) {}

  async fates(ids: readonly JobId[]): Promise<ReadonlyMap<JobId, JobFate>> {
    const { db, table, journalWords: words } = this.engine().dialect;
    const fates = new Map<JobId, JobFate>();
    const known = ids.filter(isId);
    if (known.length === 0) return fates;
    const open = await db.rows<OpenRow>(
      `select cast(id as ${words.text}) as id, state, attempts, case when state = 'buried' then reason end as reason
from ${table.jobs}${words.byId} where ${anyOf(known)}`,
    );
    for (const row of open) fates.set(row.id, fateOf(row));
    const others = known.filter((id) => !fates.has(id));
    if (others.length === 0) return fates;
    const ended = await db.rows<EndedRow>(
      `select cast(id as ${words.text}) as id, outcome, result, error from ${table.side('done')}${words.byId}
where ${anyOf(others)}`,
    );
    for (const row of ended) fates.set(row.id, endOf(row));
    return fates;
  }
}

/** The ids are digits, and stand in the statement: as parameters, so many of them would cost more than the look. */
function anyOf(ids: readonly JobId[]): string {
  const lists: string[] = [];
  for (let start = 0; start < ids.length; start += LIST)
    lists.push(`id in (${ids.slice(start, start + LIST).join(', ')})`);
  return `(${lists.join(' or ')})`;
}

function fateOf({ state, attempts, reason }: OpenRow): JobFate {
  if (state !== 'buried') return { fate: 'open' };
  return { fate: 'buried', attempts: Number(attempts), ...(reason !== null && { reason: String(reason) }) };
}

function endOf({ outcome, result, error }: EndedRow): JobFate {
  if (outcome === 'cancelled') return { fate: 'cancelled', ...(error !== null && { reason: error }) };
  return {
    fate: 'completed',
    ...(result !== null && { result }),
    ...(error !== null && { error }),
  };
}
