import { milliseconds } from '../../../core/checks/checks';
import { begun, ended, givenBack, leaseMs, LONE_GRACE_MS } from '../claims/lone-run';
import type { Change, Hold, SqlDialect } from '../engine/dialect';
import { MOST } from '../engine/states';
import type { ScriptStatement } from './connection/script-executor';
import { anyOf } from './mysql-any-of';

/**
 * Statements about held jobs, in a script after `moment`. All name the primary key: in a small table InnoDB's optimizer
 * prefers to scan all of it, and then they would wait for every row that another open transaction has locked or
 * added, and hide every row that they pass from the claims of that moment. A `delete` of one table takes no such hint,
 * so it is written as one of several tables.
 */
export class HeldJobs {
  private readonly jobs: string;

  constructor(private readonly dialect: Pick<SqlDialect, 'table' | 'now'>) {
    this.jobs = `${dialect.table.jobs} j force index (primary)`;
  }

  /**
   * What is held is judged by one moment: a row whose time runs out while the first statement about it waits for a lock
   * would be reported as changed by that one and not be changed by the next one.
   */
  get moment(): ScriptStatement {
    return { sql: `set @job_queue_moment = ${this.dialect.now}` };
  }

  /** In place of `moment`: what nobody has freed is held, though its time is over. */
  get anyMoment(): ScriptStatement {
    return { sql: 'set @job_queue_moment = -1' };
  }

  /** Returns the ids of those that are still held; what follows in the script finds the same ones. */
  lock(holds: readonly Hold[]): ScriptStatement {
    const held = stillHeld(holds);
    return { ...held, sql: `select id from ${this.jobs} where ${held.sql} for update` };
  }

  delete(holds: readonly Hold[]): ScriptStatement {
    const held = stillHeld(holds);
    return { ...held, sql: `delete j from ${this.jobs} where ${held.sql}` };
  }

  renew(holds: readonly Hold[]): ScriptStatement {
    const held = stillHeld(holds);
    return {
      ...held,
      sql: `update ${this.jobs} set due_at = ${this.dialect.now} + ${leaseMs} where ${held.sql}`,
    };
  }

  noteLoneRun(hold: Hold): ScriptStatement {
    const held = stillHeld([hold]);
    return {
      ...held,
      sql: `update ${this.jobs} set flags = ${begun}, due_at = ${this.dialect.now} + ttr_ms + ${LONE_GRACE_MS} where ${held.sql}`,
    };
  }

  runOut(hold: Hold): ScriptStatement {
    const held = stillHeld([hold]);
    return { ...held, sql: `update ${this.jobs} set due_at = ${this.dialect.now} where ${held.sql}` };
  }

  giveBack(holds: readonly Hold[]): ScriptStatement {
    const held = stillHeld(holds);
    return {
      ...held,
      sql: `update ${this.jobs} set state = 'ready', due_at = null, token = null, flags = ${givenBack} where ${held.sql}`,
    };
  }

  change(changes: readonly Change[]): ScriptStatement {
    const by = (value: string) => `case id ${changes.map(() => `when ? then ${value}`).join(' ')} end`;
    const each = (valuesOf: (change: Change) => unknown[]) =>
      changes.flatMap((change) => [change.id, ...valuesOf(change)]);
    const held = stillHeld(changes);
    return {
      sql: `update ${this.jobs}
set due_at = ${by(`if(? = 'ready', null, ${this.dialect.now} + ?)`)}, priority = ${by('?')}, reason = ${by('?')},
  attempts = least(attempts, ${MOST}) + ${by('?')}, flags = ${ended}, token = null, state = ${by('?')}
where ${held.sql}`,
      parameters: [
        ...each(({ state, delay }) => [state, milliseconds(delay)]),
        ...each(({ priority }) => [priority]),
        ...each(({ reason }) => [reason]),
        ...each(({ ended }) => [ended]),
        ...each(({ state }) => [state]),
        ...held.parameters,
      ],
    };
  }
}

/** That ids and tokens are matched as two sets is enough, see SqlConsumer. */
function stillHeld(holds: readonly Hold[]): Required<ScriptStatement> {
  const ids = anyOf(
    'id',
    holds.map(({ id }) => id),
  );
  const tokens = anyOf('token', [...new Set(holds.map(({ token }) => token))]);
  return {
    sql: `${ids.sql} and ${tokens.sql} and state = 'reserved' and due_at > @job_queue_moment`,
    parameters: [...ids.parameters, ...tokens.parameters],
  };
}
