import type { Job } from '../core/handled-job';
import { checkedPipelineName } from '../core/pipeline-name';

/** A pipeline's name that knows the type of its payloads. Can stand wherever a pipeline is named. */
export class PipelineDefinition<T = unknown> {
  readonly name: string;
  /** Exists for the compiler alone. */
  declare readonly payload: T;

  constructor(name: string) {
    this.name = checkedPipelineName(name);
  }
}

/**
 * Ties a payload type to a pipeline once: `addJob` then takes no other payload, and `@Process()` no method for
 * another. Throws `InvalidPipelineNameError`.
 */
export function definePipeline<T>(name: string): PipelineDefinition<T> {
  return new PipelineDefinition(name);
}

/** The job that a handler of the pipeline gets: `JobOf<typeof emails>`. */
export type JobOf<P extends PipelineDefinition> = Job<P['payload']>;

/** Whether a decorator was given a pipeline and not an object of options. */
export function isPipeline(target: unknown): target is string | PipelineDefinition {
  return typeof target === 'string' || target instanceof PipelineDefinition;
}

/** The name as it was given; it may not be a valid one. */
export function nameOf(pipeline: string | PipelineDefinition): string {
  return pipeline instanceof PipelineDefinition ? pipeline.name : pipeline;
}
