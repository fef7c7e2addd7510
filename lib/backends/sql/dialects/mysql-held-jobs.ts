import { milliseconds } from '../../../core/checks';
import type { Change, Hold, SqlDialect } from '../dialect';
import type { ScriptStatement } from '../script-executor';

/**
 * Statements about held jobs. All name the primary key: in a small table InnoDB's optimizer prefers to scan all of
 * it, and then they would wait for every row that somebody's open transaction has locked or added, and hide every
 * row that they pass from the claims of that moment. Only the multi-table `delete` takes such a hint.
 */
export class HeldJobs {
  private readonly jobs: string;

  constructor(private readonly dialect: Pick<SqlDialect, 'table' | 'now'>) {
    this.jobs = `${dialect.table.jobs} j force index (primary)`;
  }

  /** The first select answers the ids of those that are still held, and what follows in the script finds the same. */
  lock(holds: readonly Hold[]): [moment: ScriptStatement, locked: ScriptStatement] {
    return [
      // A row whose time ran out while the select waited for a lock would be told as changed and not be.
      { sql: `set @job_queue_moment = ${this.dialect.now}` },
      { sql: `select id from ${this.jobs} where ${STILL_HELD} for update`, parameters: heldBy(holds) },
    ];
  }

  delete(holds: readonly Hold[]): ScriptStatement {
    return { sql: `delete j from ${this.jobs} where ${STILL_HELD}`, parameters: heldBy(holds) };
  }

  renew(holds: readonly Hold[]): ScriptStatement {
    return {
      sql: `update ${this.jobs} set due_at = ${this.dialect.now} + ttr_ms where ${STILL_HELD}`,
      parameters: heldBy(holds),
    };
  }

  giveBack(holds: readonly Hold[]): ScriptStatement {
    return {
      sql: `update ${this.jobs} set state = 'ready', due_at = null, token = null where ${STILL_HELD}`,
      parameters: heldBy(holds),
    };
  }

  change(changes: readonly Change[]): ScriptStatement {
    const by = (value: string) => `case id ${changes.map(() => `when ? then ${value}`).join(' ')} end`;
    const each = (valuesOf: (change: Change) => unknown[]) =>
      changes.flatMap((change) => [change.id, ...valuesOf(change)]);
    return {
      sql: `update ${this.jobs}
set due_at = ${by(`if(? = 'ready', null, ${this.dialect.now} + ?)`)}, priority = ${by('?')}, reason = ${by('?')},
  attempts = attempts + 1, token = null, state = ${by('?')}
where ${STILL_HELD}`,
      parameters: [
        ...each(({ state, delay }) => [state, milliseconds(delay)]),
        ...each(({ priority }) => [priority]),
        ...each(({ reason }) => [reason]),
        ...each(({ state }) => [state]),
        ...heldBy(changes),
      ],
    };
  }
}

// That ids and tokens are matched as two sets is enough, see SqlConsumer.
const STILL_HELD = `id in (?) and token in (?) and state = 'reserved' and due_at > @job_queue_moment`;

function heldBy(holds: readonly Hold[]): unknown[] {
  return [holds.map(({ id }) => id), [...new Set(holds.map(({ token }) => token))]];
}
