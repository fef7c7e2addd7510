import type { JobSnapshot, JobState, Leased, Seconds, StoredJob } from '../../core/contract/job-data';
import type { ReceivedReply } from './reply';
import type { Stats } from './stats';

/** beanstalkd counts whole seconds: what is shorter than it was asked for would be too early, so up. */
export function wholeSeconds(duration: Seconds): number {
  return Math.ceil(duration);
}

/** What is left of a time of which the server tells the whole seconds, rounded down: rounded up. */
export function timeLeft(told: Seconds, of: Seconds): Seconds {
  return Math.max(0, Math.min(told + 1, of));
}

/** `lapses` of its timeouts were nobody's death. */
export function leasedJob(reply: ReceivedReply, stats: Stats, lapses: number): Leased {
  const stored = storedJob(reply, stats);
  return { ...stored, timeouts: Math.max(0, stored.timeouts - lapses), attempt: attempts(stats) + 1 };
}

/** The job in the state in which it was seen; its statistics may be a moment younger. */
export function jobSnapshot(reply: ReceivedReply, state: JobState, stats: Stats): JobSnapshot {
  return {
    ...storedJob(reply, stats),
    state,
    attempts: attempts(stats),
    delay: untilNextState(state, stats),
  };
}

function storedJob({ value: id, body: payload, garbled }: ReceivedReply, stats: Stats): StoredJob {
  return {
    id,
    pipeline: stats.text('tube'),
    payload,
    priority: stats.number('pri'),
    ttr: stats.number('ttr'),
    timeouts: stats.number('timeouts') + Math.floor(closings(stats) / CLOSINGS_A_LOSS),
    kicks: stats.number('kicks') - returns(stats),
    // Whole seconds, and by our clock: beanstalkd tells an age only.
    addedAt: new Date(Date.now() - stats.number('age') * 1000),
    ...(garbled && { garbled }),
  };
}

/**
 * A lease also ends with its connection, and beanstalkd does not tell one that died from one that was closed in
 * order. So many of them count as one lost lease: an orderly stop now and then buries no job, and a job that kills
 * its workers does not go round for ever.
 */
const CLOSINGS_A_LOSS = 10;

function closings(stats: Stats): number {
  const now = stats.text('state') === 'reserved' ? 1 : 0;
  const ended = stats.number('releases') + stats.number('buries') + stats.number('timeouts');
  return stats.number('reserves') - now - ended;
}

/** `reserves` would count what was given back and what ran out, too. */
function attempts(stats: Stats): number {
  return stats.number('releases') + stats.number('buries') - returns(stats);
}

/**
 * How often the job was given back without an attempt: released with a delay and kicked out of it at once, which no
 * other end of a lease looks like. Every other kick was of a burial, or of a job that was put with a delay; only
 * somebody who kicks a job out of the delay of its next attempt has that attempt counted as none.
 */
function returns(stats: Stats): number {
  const burials = stats.number('buries') - (stats.text('state') === 'buried' ? 1 : 0);
  return Math.max(0, Math.min(stats.number('kicks') - burials, stats.number('releases')));
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
