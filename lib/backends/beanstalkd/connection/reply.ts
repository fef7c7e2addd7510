import type { Command } from 'fivebeans';
import {
  BackendRefusedError,
  BackendUnavailableError,
  type JobQueueError,
  shown,
} from '../../../core/contract/errors';

/** What a server has sent, whatever the command was. */
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

/** A server's reply to one command. */
export interface Reply extends ReceivedReply {
  /** Whether it is the word for success. */
  readonly done: boolean;
}

/**
 * Words that say no and report no fault: there is no such job (any more), nothing was ready in time, a held job's ttr
 * is nearly over (sent instead of waiting), or, to a release, that the job was buried because there was no memory for
 * the ready queue. That job is safe and no longer ours, so its release counts as done.
 */
const ORDINARY = new Set(['NOT_FOUND', 'TIMED_OUT', 'DEADLINE_SOON', 'BURIED']);

export function tellsOfFault({ done, word }: Reply): boolean {
  return !done && !ORDINARY.has(word);
}

/** The error that a reply stands for; `server` is its host and port. */
export function faultOf({ word }: Reply, command: Command, server: string): JobQueueError {
  switch (word) {
    case 'DRAINING':
      return unavailable(`${server} is draining: it takes no new jobs until it is restarted.`);
    case 'OUT_OF_MEMORY':
    case 'BURIED':
      return unavailable(`${server} has no room left: give it memory, or its binlog disk space.`);
    case 'INTERNAL_ERROR':
      return unavailable(
        `${server} reports an internal error at ${command}; what it says on stderr may tell more.`,
      );
    default:
      // BAD_FORMAT, UNKNOWN_COMMAND, EXPECTED_CRLF, and words that are not beanstalkd's.
      return new BackendRefusedError('beanstalkd', `${server} answers ${shown(word)} to ${command}.`);
  }
}

function unavailable(problem: string): BackendUnavailableError {
  return new BackendUnavailableError('beanstalkd', problem);
}
