import { checkedDuration, checkedInteger, MAX_INT32 } from '../../core/checks/checks';
import type { Duration } from '../../core/checks/duration';
import { mustBe } from '../../core/contract/errors';
import { checkedPipelineName } from '../../core/contract/pipeline-name';
import { eachOf, isList } from '../service/checked-arguments';
import type { CheckedWorkerOptions, WorkerCommandOptions } from './worker-command.options';

export type OptionName = keyof WorkerCommandOptions;

interface Option<T> {
  /** The placeholder of the value in the usage; a switch has none. */
  readonly placeholder?: string;
  readonly usage: string;
  /** The value of a text of the command line or the environment; the text itself when it makes no sense. */
  readonly parse: (text: string) => unknown;
  /** @throws {JobQueueError} which shows the option as the user wrote it */
  readonly check: (option: string, value: unknown) => T;
}

type Table = { readonly [N in OptionName]-?: Option<NonNullable<CheckedWorkerOptions[N]>> };

/** Every option of a worker, in the order of the usage. */
export const OPTIONS: Table = {
  pipelines: {
    placeholder: 'a,b',
    usage: 'work on these pipelines only',
    parse: (text) => text.split(',').map((name) => name.trim()),
    check: pipelineNames,
  },
  concurrency: {
    placeholder: 'n',
    usage: "jobs of each pipeline at once, instead of the processors' own number",
    parse: number,
    check: atLeastOne,
  },
  maxJobs: {
    placeholder: 'n',
    usage: 'start no more than n jobs in all, and end after them',
    parse: number,
    check: atLeastOne,
  },
  maxTime: {
    placeholder: 'time',
    usage: 'end after that time: seconds, or 30m, 12h',
    parse: number,
    check: (option, value) => checkedDuration(option, value as Duration),
  },
  maxMemory: {
    placeholder: 'MiB',
    usage: 'end when the process has more resident memory',
    parse: number,
    check: atLeastOne,
  },
  stopWhenEmpty: { usage: 'end when no job is ready or reserved', parse: yesOrNo, check: isYes },
  once: { usage: 'start one job and end after it; end when none is ready', parse: yesOrNo, check: isYes },
  heartbeatFile: {
    placeholder: 'path',
    usage: 'write this file every 5 s while the worker is well',
    parse: (text) => text,
    check: path,
  },
  json: { usage: 'log in JSON, with one line for each event of a job', parse: yesOrNo, check: isYes },
};

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/** `maxJobs` on the command line: `max-jobs`. */
export function flagOf(name: OptionName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `maxJobs` in the environment: `JOB_QUEUE_MAX_JOBS`. */
export function variableOf(name: OptionName): string {
  return `JOB_QUEUE_${flagOf(name).replaceAll('-', '_').toUpperCase()}`;
}

function number(text: string): unknown {
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}

function yesOrNo(text: string): unknown {
  return text === '1' || (text === '0' ? false : text);
}

function atLeastOne(option: string, value: unknown): number {
  return checkedInteger(option, value, 1, MAX_INT32);
}

function isYes(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw mustBe(option, '1 or 0', value);
  return value;
}

function pipelineNames(option: string, value: unknown): string[] {
  const names = isList(value) ? eachOf(option, value, checkedPipelineName) : [];
  if (names.length === 0) throw mustBe(option, 'a list of one or more pipelines', value);
  return names;
}

function path(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw mustBe(option, 'the path of a file', value);
  return value;
}
