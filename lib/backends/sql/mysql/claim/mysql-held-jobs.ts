import { milliseconds } from '../../../../core/checks/checks';
import { begun, ended, givenBack, leaseMs, LONE_GRACE_MS, undone } from '../../claims/lone-run';
import type { Change, Hold, KeptEnd, SqlDialect } from '../../engine/dialect';
import { MOST } from '../../engine/states';
import { type HistoryWords, withFailure } from '../../history/failed-attempts';
import { KEPT_COLUMNS, type KeptValues, keptValues } from '../../history/kept-row';
import type { ScriptStatement } from '../connection/script-executor';
import { anyOf } from './mysql-any-of';

const HISTORY_WORDS: HistoryWords = {
  concatenated: (...texts) => `concat(${texts.join(', ')})`,
  position: 'instr',
  schema: '',
};

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

  undo(hold: Hold): ScriptStatement {
    const held = stillHeld([hold]);
    return {
      ...held,
      sql: `update ${this.jobs} set due_at = ${this.dialect.now}, flags = ${undone} where ${held.sql}`,
    };
  }

  giveBack(holds: readonly Hold[]): ScriptStatement {
    const held = stillHeld(holds);
    return {
      ...held,
      sql: `update ${this.jobs} set state = 'ready', due_at = null, token = null, flags = ${givenBack} where ${held.sql}`,
    };
  }

  /** Writes down those that are still held among the jobs that are kept, before `delete`. */
  keep(ends: readonly KeptEnd[]): ScriptStatement {
    const moment = '@job_queue_moment';
    const [results, errors, runs, times, numbers, workers] = keptValues(ends);
    const parameters: unknown[] = [];
    // Compared as integers, because a `case` compares each row with half of the ids, one by one and as texts.
    const place = `field(j.id, ${ends.map(({ id }) => id).join(', ')})`;
    // One value for all where it is the same.
    const each = (values: readonly unknown[] = []): string => {
      const alike = values.every((value) => value === values[0]);
      parameters.push(alike ? values[0] : values);
      return alike ? '?' : `elt(${place}, ?)`;
    };
    // In the order of the columns, as the parameters are.
    const values: KeptValues = {
      id: 'j.id',
      pipeline: 'j.pipeline',
      outcome: `'completed'`,
      payload: 'j.payload',
      result: each(results),
      error: each(errors),
      history: 'j.history',
      headers: 'j.headers',
      unique_key: 'j.unique_key',
      priority: 'j.priority',
      attempts: `least(j.attempts, ${MOST}) + 1`,
      added_at: 'j.added_at',
      started_at: `${moment} - ${each(runs)}`,
      ended_at: moment,
      keep_until: `${moment} + ${each(times)}`,
      keep_most: each(numbers),
      worker: each(workers),
    };
    const held = stillHeld(ends);
    return {
      sql: `replace into ${this.dialect.table.side('done')} (${KEPT_COLUMNS.join(', ')})
select ${KEPT_COLUMNS.map((column) => values[column]).join(', ')} from ${this.jobs} where ${held.sql}`,
      parameters: [...parameters, ...held.parameters],
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

  /** Adds the attempt that failed to what is known of the job, before `change`. */
  remember({ failure, ...hold }: Change): ScriptStatement[] {
    if (failure === null) return [];
    const held = stillHeld([hold]);
    const history = withFailure(HISTORY_WORDS, this.dialect.now, '@job_queue_failure');
    return [
      { sql: 'set @job_queue_failure = ?', parameters: [failure] },
      { ...held, sql: `update ${this.jobs} set history = ${history} where ${held.sql}` },
    ];
  }
}

/** That ids and tokens are matched as two sets is enough, see SqlLeases. */
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
