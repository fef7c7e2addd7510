import type { JobEventMap, JobEventName } from '../../core/policy/job-events';
import { nameOf, type PipelineDefinition } from '../pipelines/pipeline-definition';
import { addMethodMetadata, ON_JOB_METADATA, type OnJobMetadata } from './job-queue.metadata';

/** The argument of an `@OnJob(name)` method. */
export type JobEvent<N extends JobEventName> = JobEventMap[N];

export interface OnJobFilter {
  /** @default the pipelines of the class, or every pipeline of the queue when the class has none */
  readonly pipeline: string | PipelineDefinition | readonly (string | PipelineDefinition)[];
}

type ListenerDecorator<N extends JobEventName> = <M extends (event: JobEvent<N>) => unknown>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/**
 * Calls the method of a `@Processor()` class when something happens to a job in the workers of this process. The worker
 * does not wait for it. What it throws is logged, and changes nothing.
 *
 * @example
 * @OnJob('buried')
 * tellTheTeam({ job, error }: JobEvent<'buried'>) {}
 */
export function OnJob<N extends JobEventName>(event: N, filter?: OnJobFilter): ListenerDecorator<N> {
  return addMethodMetadata<OnJobMetadata>(ON_JOB_METADATA, {
    event,
    ...(filter && { pipelines: [filter.pipeline].flat().map(nameOf) }),
  });
}
