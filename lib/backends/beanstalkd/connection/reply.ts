import type { Command } from 'fivebeans';
import {
  BackendRefusedError,
  BackendUnavailableError,
  type JobQueueError,
  shown,
} from '../../../core/contract/errors';

/** What a server has sent, whatever it was asked. */
export interface ReceivedReply {
  /** `INSERTED`, `NOT_FOUND`, … */
  readonly word: string;
  /** The job's id or what else follows the word; empty when nothing does. */
  readonly value: string;
  /** The job's payload or the statistics; empty when there are none. */
  readonly body: string;
  /** Whether the body is not UTF-8, so that the text is not what was stored. */
  readonly garbled: boolean;
}

/** A server's answer to one command. */
export interface Reply extends ReceivedReply {
  /** Whether it is the word for success. */
  readonly done: boolean;
}

/**
 * Words that say no and yet tell of no fault: there is no such job (any more), nothing to reserve in time, a held
 * job's time is nearly over (told instead of waiting), or, to a release, that the job was buried because the
 * memory for the ready queue was used up. That job is safe and no longer ours, so its release counts as done.
 */
const ORDINARY = new Set(['NOT_FOUND', 'TIMED_OUT', 'DEADLINE_SOON', 'BURIED']);

export function tellsOfFault({ done, word }: Reply): boolean {
  return !done && !ORDINARY.has(word);
}

/** The error that stands for an answer; `server` is its host and port. */
export function faultOf({ word }: Reply, command: Command, server: string): JobQueueError {
  switch (word) {
    case 'DRAINING':
      return unavailable(`${server} is draining: it takes no new jobs until it is started anew.`);
    case 'OUT_OF_MEMORY':
    case 'BURIED':
      return unavailable(`${server} has no room left: give it memory, or its binlog disk space.`);
    case 'INTERNAL_ERROR':
      return unavailable(
        `${server} reports an internal error at ${command}; what it says on stderr may tell more.`,
      );
    default:
      // BAD_FORMAT, UNKNOWN_COMMAND, EXPECTED_CRLF and what is no word of beanstalkd's at all.
      return new BackendRefusedError('beanstalkd', `${server} answers ${shown(word)} to ${command}.`);
  }
}

function unavailable(problem: string): BackendUnavailableError {
  return new BackendUnavailableError('beanstalkd', problem);
}
