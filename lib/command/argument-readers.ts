import { InvalidArgumentError } from 'commander';
import { checkedInteger, checkedPriority, checkedDuration } from '../core/checks/checks';
import type { Duration } from '../core/checks/duration';
import { JobQueueError } from '../core/contract/errors';
import type { JobState, RestingState, Seconds } from '../core/contract/job-data';
import { checkedPipelineName } from '../core/contract/pipeline-name';
import { checkedScheduleName } from '../core/schedule/schedule';

/* How the words of a command line are read; a wrong one ends the command before the queue is opened. */

export const STATES: readonly JobState[] = ['ready', 'delayed', 'reserved', 'buried'];
export const RESTING_STATES: readonly RestingState[] = ['ready', 'delayed', 'buried'];

export const pipelineName = (text: string) => said(() => checkedPipelineName(text));
export const scheduleName = (text: string) => said(() => checkedScheduleName(text));
export const priority = (text: string) => said(() => checkedPriority(numberOf(text)));

export function count(name: string, least: number): (text: string) => number {
  return (text) => said(() => checkedInteger(name, numberOf(text), least));
}

/** A number of seconds, or one with a unit: `90`, `10m`, `2h`. */
export function duration(name: string, least: Seconds = 0): (text: string) => Seconds {
  return (text) =>
    said(() => checkedDuration(name, /^\d+(\.\d+)?$/.test(text) ? Number(text) : (text as Duration), least));
}

export function pipelineNames(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, pipelineName(text)];
}

function numberOf(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : NaN;
}

function said<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof JobQueueError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}
