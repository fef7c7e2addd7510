import { InvalidJobOptionError, InvalidPipelineNameError } from '../../core/contract/errors';
import type { JobId, JobSnapshot, JobState } from '../../core/contract/job-data';
import { checkedPipelineName } from '../../core/contract/pipeline-name';
import { Job } from '../../core/policy/job';
import type { JobToAdd } from '../options/service.options';
import { nameOf, type PipelineDefinition } from '../pipelines/pipeline-definition';

/* What a service is given, checked before it does anything: not every caller is compiled. */

export type AnyPipeline = string | PipelineDefinition;

export function checkedName(pipeline: AnyPipeline): string {
  return checkedPipelineName(nameOf(pipeline));
}

export function checkedNames(pipelines: readonly AnyPipeline[]): string[] {
  if (pipelines.length === 0) throw new InvalidPipelineNameError(undefined);
  return pipelines.map(checkedName);
}

export function idOf(job: JobSnapshot | JobId): JobId {
  const id = typeof job === 'string' ? job : (job as Partial<JobSnapshot> | null | undefined)?.id;
  if (typeof id !== 'string') throw new InvalidJobOptionError('job', job, 'use a job, or its id as a text');
  return id;
}

export function checkedJob(job: Job): Job {
  if (!((job as unknown) instanceof Job))
    throw new InvalidJobOptionError('job', job, 'use the job that getNextJobAndReserve answered');
  return job;
}

export function checkedObject<T extends object>(name: string, value: T): T {
  if (typeof (value as unknown) !== 'object' || value === null)
    throw new InvalidJobOptionError(name, value, 'use an object');
  return value;
}

export function checkedJobs(jobs: readonly JobToAdd[]): readonly JobToAdd[] {
  if (!Array.isArray(jobs)) throw new InvalidJobOptionError('jobs', jobs, 'use a list of { payload }');
  // Unlike map(), it visits the holes of a sparse list.
  return Array.from(jobs, (job: JobToAdd) => checkedObject('job', job));
}

export function checkedState<S extends JobState>(state: S, states: readonly S[]): S {
  if (!states.includes(state)) throw new InvalidJobOptionError('state', state, `use ${states.join(', ')}`);
  return state;
}
