import type { JobSnapshot, JobState, Leased, Seconds, StoredJob } from '../../core/contract/job-data';
import type { ReceivedReply } from './connection/reply';
import type { Stats } from './stats';

/** beanstalkd counts whole seconds. Rounded up, so that nothing happens early. */
export function wholeSeconds(duration: Seconds): number {
  return Math.ceil(duration);
}

/** The longest pause that the server takes, 136 years, stands for one without an end, and is reported as `Infinity`. */
export const FOR_EVER: Seconds = 0xffff_ffff;

/** The time left. The server gives whole seconds, rounded down; this rounds them up. */
export function timeLeft(told: Seconds, of: Seconds): Seconds {
  return Math.max(0, Math.min(told + 1, of));
}

/** `lapses` of its timeouts do not count: no worker died. */
export function leasedJob(reply: ReceivedReply, stats: Stats, lapses: number): Leased {
  const ends = leaseEnds(stats, 'reserved');
  const timeouts = Math.max(0, ends.losses - lapses);
  return { ...storedJob(reply, stats, ends), timeouts, attempt: ends.attempts + 1 };
}

/** The job in the state in which it was found; its statistics may be a moment newer. */
export function jobSnapshot(reply: ReceivedReply, state: JobState, stats: Stats): JobSnapshot {
  const ends = leaseEnds(stats, stats.text('state'));
  return {
    ...storedJob(reply, stats, ends),
    state,
    attempts: ends.attempts,
    delay: untilNextState(state, stats),
  };
}

function storedJob(
  { value: id, body: payload, garbled }: ReceivedReply,
  stats: Stats,
  { losses: timeouts, kicks }: LeaseEnds,
): StoredJob {
  return {
    id,
    pipeline: stats.text('tube'),
    payload,
    priority: stats.number('pri'),
    ttr: stats.number('ttr'),
    timeouts,
    kicks,
    // In whole seconds, and by our clock: beanstalkd gives only an age.
    addedAt: new Date(Date.now() - stats.number('age') * 1000),
    ...(garbled && { garbled }),
  };
}

/** How the job's leases have ended. */
interface LeaseEnds {
  readonly attempts: number;
  readonly losses: number;
  readonly kicks: number;
}

/**
 * A lease also ends with its connection, and beanstalkd does not say whether that died or was closed in order. This
 * many such ends count as one lost lease: an orderly stop now and then buries no job, and a job that kills its workers
 * does not loop for ever.
 */
const CLOSINGS_A_LOSS = 10;

/**
 * Read from the server's counters. Giving a job back without counting an attempt is a release with a delay and a kick
 * out of it at once, and no other end of a lease looks like that. Every other kick was of a buried job, or of one that
 * was put with a delay. One case is counted wrongly: kicking a job out of the delay before its next attempt undoes the
 * count of an attempt.
 */
function leaseEnds(stats: Stats, state: string): LeaseEnds {
  const [releases, buries, kicks] = [stats.number('releases'), stats.number('buries'), stats.number('kicks')];
  const timeouts = stats.number('timeouts');
  const kickedBurials = buries - (state === 'buried' ? 1 : 0);
  const returns = Math.max(0, Math.min(kicks - kickedBurials, releases));
  const held = state === 'reserved' ? 1 : 0;
  const closings = stats.number('reserves') - held - releases - buries - timeouts;
  return {
    attempts: releases + buries - returns,
    losses: timeouts + Math.floor(closings / CLOSINGS_A_LOSS),
    kicks: kicks - returns,
  };
}

function untilNextState(state: JobState, stats: Stats): Seconds {
  switch (state) {
    case 'delayed':
      return timeLeft(stats.number('time-left'), stats.number('delay'));
    case 'reserved':
      return timeLeft(stats.number('time-left'), stats.number('ttr'));
    case 'ready':
    case 'buried':
      return 0;
  }
}
