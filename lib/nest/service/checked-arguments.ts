import { checkedBoolean } from '../../core/checks/checks';
import { checkedOptions, type OptionNames } from '../../core/checks/options';
import { read } from '../../core/checks/text';
import { InvalidJobOptionError, InvalidPipelineNameError, mustBe } from '../../core/contract/errors';
import type { Page } from '../../core/contract/features';
import type { JobId } from '../../core/contract/job-data';
import { checkedPipelineName } from '../../core/contract/pipeline-name';
import { Job } from '../../core/policy/job';
import { JOB_OPTIONS, type JobOptions } from '../../core/policy/job-options';
import type {
  AddOnceOptions,
  AddOptions,
  AfterCommitOptions,
  BuryOptions,
  IdentifiedJob,
  JobChanges,
  JobToAdd,
  KickOptions,
  ReleaseOptions,
  ReserveOptions,
} from '../options/service.options';
import { nameOf, type PipelineDefinition } from '../pipelines/pipeline-definition';

/* What a service is given, checked before it does anything: not every caller is compiled. */

export type AnyPipeline = string | PipelineDefinition;

/** What the overloads keep apart. */
export type AnyAddOptions = {
  readonly [Name in keyof AddOptions]: AddOptions[Name] | AfterCommitOptions[Name];
};

export const ADD_OPTIONS: OptionNames<AnyAddOptions> = {
  transaction: true,
  manager: true,
  afterCommit: true,
};
const ONE_OF = Object.keys(ADD_OPTIONS) as (keyof AnyAddOptions)[];
export const ADD_JOB_OPTIONS: OptionNames<JobOptions & AnyAddOptions> = { ...JOB_OPTIONS, ...ADD_OPTIONS };
export const JOB_TO_ADD: OptionNames<JobToAdd> = { payload: true, ...JOB_OPTIONS };
export const RESERVE_OPTIONS: OptionNames<ReserveOptions> = { wait: true };
export const RELEASE_OPTIONS: OptionNames<ReleaseOptions> = { delay: true, priority: true };
export const BURY_OPTIONS: OptionNames<BuryOptions> = { reason: true, priority: true };
export const KICK_OPTIONS: OptionNames<KickOptions> = { fresh: true };
export const JOB_CHANGES: OptionNames<JobChanges> = { payload: true, priority: true, delay: true };
export const PAGE: OptionNames<Page> = { offset: true, limit: true };

/** The transaction that the options name, whichever of its names they use; null is none, and undefined the current one. */
export function givenTransaction(options: AnyAddOptions): object | null | undefined {
  const [one, other] = ONE_OF.filter((name) => options[name] !== undefined);
  if (other)
    throw new InvalidJobOptionError(`${one} cannot be given together with ${other}: give one of them`);
  const { transaction, manager } = options;
  return transaction === undefined ? manager : transaction;
}

/** The options of a job that is added once. */
export function checkedOnce(given: AddOnceOptions): AddOnceOptions {
  const options = checkedOptions<AddOnceOptions & AnyAddOptions>(given, ADD_JOB_OPTIONS);
  if ((options.unique as unknown) === undefined)
    throw mustBe('unique', 'a key as a text, or an object with a key', undefined);
  if (options.afterCommit === undefined) return options;
  throw new InvalidJobOptionError(
    'afterCommit tells nothing: use addJob, whose key is looked at after the commit',
  );
}

export function checkedName(pipeline: AnyPipeline): string {
  return checkedPipelineName(nameOf(pipeline));
}

/** The names of one pipeline or of a list. */
export function checkedNames(pipelines: AnyPipeline | readonly AnyPipeline[]): string[] {
  if (!isList(pipelines)) return [checkedName(pipelines)];
  if (read(pipelines, 'length') === 0) throw new InvalidPipelineNameError([]);
  return eachOf('pipelines', pipelines, checkedName);
}

export function idOf(job: IdentifiedJob): JobId {
  const id = typeof job === 'string' ? job : read(job, 'id');
  if (typeof id !== 'string') throw mustBe('job', 'a job, its id as a text, or { pipeline, unique }', job);
  return id;
}

export function checkedJob(job: Job): Job {
  if (!isJob(job)) throw mustBe('job', 'the job that getNextJobAndReserve returned', job);
  return job;
}

export function isJob(job: unknown): job is Job {
  return job instanceof Job;
}

/** What is made of each element of a list; one that is missing is undefined. */
export function eachOf<E, R>(name: string, list: readonly E[], made: (element: E) => R): R[] {
  if (!isList(list)) throw mustBe(name, 'a list', list);
  const results: R[] = [];
  // By the index: map() passes over what is missing in a list.
  const length = read(list, 'length') as number;
  for (let index = 0; index < length; index += 1) results.push(made(read(list, index) as E));
  return results;
}

/** Whether a kick is to be a new start. */
export function isFresh(options: KickOptions): boolean {
  const { fresh = false } = checkedOptions(options, KICK_OPTIONS);
  return checkedBoolean('fresh', fresh);
}

export function checkedState<S extends string>(state: S, states: readonly S[]): S {
  if (!states.includes(state)) throw mustBe('state', `one of ${states.join(', ')}`, state);
  return state;
}

export function isList<E>(value: E | readonly E[]): value is readonly E[] {
  try {
    return Array.isArray(value);
  } catch {
    // A proxy that was revoked.
    return false;
  }
}
