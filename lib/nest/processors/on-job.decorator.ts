import { checkedOptions } from '../../core/checks/options';
import type { JobEventMap, JobEventName } from '../../core/policy/job-events';
import type { EventJob } from '../../core/reading/event-job';
import { nameOf, type PipelineDefinition } from '../pipelines/pipeline-definition';
import { eachOf, isList } from '../service/checked-arguments';
import { addMethodMetadata, ON_JOB_METADATA, type OnJobMetadata } from './job-queue.metadata';

/** The argument of an `@OnJob(name)` method; `P` is the type of the payloads, as they are added. */
export type JobEvent<N extends JobEventName, P = unknown> = JobEventMap<EventJob<P>>[N];

type AnyPipeline<P> = string | PipelineDefinition<unknown, P>;

export interface OnJobFilter<P = unknown> {
  /** @default the pipelines of the class, or every pipeline of the queue when the class has none */
  readonly pipeline: AnyPipeline<P> | readonly AnyPipeline<P>[];
}

type ListenerDecorator<N extends JobEventName, P> = <M extends (event: JobEvent<N, P>) => unknown>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/**
 * Calls the method of a `@Processor()` class when something happens to a job in the workers of this process. The worker
 * does not wait for it. What it throws is logged, and changes nothing. The job's payload is decoded when the method reads
 * it; for a pipeline's definition, the method takes no event of other payloads.
 *
 * @example
 * @OnJob('buried', { pipeline: mails })
 * tellTheTeam({ job, error, ran }: JobEvent<'buried', Mail>) {}
 */
export function OnJob<N extends JobEventName, P = never>(
  event: N,
  filter?: OnJobFilter<P>,
): ListenerDecorator<N, P> {
  return addMethodMetadata<OnJobMetadata>(ON_JOB_METADATA, {
    event,
    ...(filter !== undefined && { pipelines: namesOf(filter) }),
  });
}

/** As they were passed; one may be invalid. */
function namesOf<P>(filter: OnJobFilter<P>): string[] {
  const { pipeline } = checkedOptions(filter, { pipeline: true }, 'the filter of @OnJob()');
  return isList(pipeline) ? eachOf('pipeline', pipeline, nameOf) : [nameOf(pipeline)];
}
