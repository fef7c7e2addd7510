import type { JobState } from '../../../core/contract/job-data';
import { ended, runOut } from '../claims/lone-run';

/** Delayed jobs and leases, which end by time. Written as the partial index of what is due has it. */
const TIMED = `state in ('delayed', 'reserved')`;

/**
 * Which rows are in a state: one condition or more, each with an index of its own. Nothing has to be changed for that:
 * a row whose time is over counts as ready, whether the stager has moved it yet or not.
 */
export function conditionsOf(state: JobState, now: string): readonly string[] {
  switch (state) {
    case 'ready':
      return [`state = 'ready'`, due(now)];
    case 'delayed':
    case 'reserved':
      return [`${TIMED} and state = '${state}' and due_at > ${now}`];
    case 'buried':
      return [`state = 'buried'`];
  }
}

export function due(now: string): string {
  return `${TIMED} and due_at <= ${now}`;
}

/**
 * The most that a counter is before it is raised: a row that another program has added with the greatest integer must not
 * fail the statement that moves it, and with it all others.
 */
export const MOST = 2_147_483_646;

/** Which rows no worker holds: those whose lease has run out, too. */
export function isResting(now: string, states = `'ready', 'delayed', 'buried'`): string {
  return `(state in (${states}) or state = 'reserved' and due_at <= ${now})`;
}

/**
 * Ends a reservation that has run out, as the stager would, before the state is set: MySQL sees what was set before in
 * the same statement.
 */
export const FREED = `timeouts = case when state = 'reserved' and timeouts <= ${MOST} then timeouts + 1 else timeouts end, flags = ${runOut}, token = null`;

/** What a kick sets. */
export const KICK = `state = 'ready', due_at = null, reason = null, kicks = case when kicks > ${MOST} then kicks else kicks + 1 end, flags = ${ended}`;

/** What a kick with a new start sets. */
export const RESTART = `state = 'ready', due_at = null, reason = null, attempts = 0, timeouts = 0, kicks = 0, history = null, flags = ${ended}`;
