import type { JobEventMap, JobEventName } from '../../core/policy/job-events';
import { nameOf, type PipelineDefinition } from '../pipelines/pipeline-definition';
import { addMethodMetadata, ON_JOB_METADATA, type OnJobMetadata } from './job-queue.metadata';

/** What an `@OnJob(name)` method gets. */
export type JobEvent<N extends JobEventName> = JobEventMap[N];

export interface OnJobFilter {
  /** Default: the pipelines of the class, or every pipeline of the queue when the class has none. */
  readonly pipeline: string | PipelineDefinition | readonly (string | PipelineDefinition)[];
}

type ListenerDecorator<N extends JobEventName> = <M extends (event: JobEvent<N>) => unknown>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/**
 * The method of a `@Processor()` class is told what happens to jobs in the workers of this process. What it
 * throws is logged and changes nothing; nobody waits for it.
 */
export function OnJob<N extends JobEventName>(event: N, filter?: OnJobFilter): ListenerDecorator<N> {
  return addMethodMetadata<OnJobMetadata>(ON_JOB_METADATA, {
    event,
    ...(filter && { pipelines: [filter.pipeline].flat().map(nameOf) }),
  });
}
