import type { JobSnapshot, JobState, Leased, Seconds, StoredJob } from '../../core/contract/job-data';
import type { ReceivedReply } from './connection/reply';
import type { Stats } from './stats';

/** beanstalkd counts whole seconds: what is shorter than it was asked for would be too early, so up. */
export function wholeSeconds(duration: Seconds): number {
  return Math.ceil(duration);
}

/**
 * The longest pause that the server takes, 136 years, stands for one without an end: a pause of such a length is told as
 * `Infinity`.
 */
export const FOR_EVER: Seconds = 0xffff_ffff;

/** What is left of a time of which the server tells the whole seconds, rounded down: rounded up. */
export function timeLeft(told: Seconds, of: Seconds): Seconds {
  return Math.max(0, Math.min(told + 1, of));
}

/** `lapses` of its timeouts were nobody's death. */
export function leasedJob(reply: ReceivedReply, stats: Stats, lapses: number): Leased {
  const ends = leaseEnds(stats, 'reserved');
  const timeouts = Math.max(0, ends.losses - lapses);
  return { ...storedJob(reply, stats, ends), timeouts, attempt: ends.attempts + 1 };
}

/** The job in the state in which it was seen; its statistics may be a moment younger. */
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
    // Whole seconds, and by our clock: beanstalkd tells an age only.
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
 * A lease also ends with its connection, and beanstalkd does not tell one that died from one that was closed in
 * order. So many of them count as one lost lease: an orderly stop now and then buries no job, and a job that kills
 * its workers does not go round for ever.
 */
const CLOSINGS_A_LOSS = 10;

/**
 * What the server's counters say. A job that was given back without an attempt was released with a delay and kicked
 * out of it at once, which no other end of a lease looks like. Every other kick was of a burial, or of a job that was
 * put with a delay; only somebody who kicks a job out of the delay of its next attempt has that attempt counted as
 * none.
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
