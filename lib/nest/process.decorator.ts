import type { HandlerOptions } from './handler.options';
import { addMethodMetadata, PROCESS_METADATA, type ProcessMetadata } from './job-queue.metadata';

export interface ProcessOptions extends HandlerOptions {
  /** Default: the pipeline of the class. */
  readonly pipeline?: string;
}

/**
 * The method handles the jobs of a pipeline. It resolves: the job is deleted; it resolves `false`: the job is
 * buried; it throws: the job is tried again as `attempts` and `backoff` say, and then buried. May stand on one
 * method several times, for several pipelines; a pipeline has exactly one handler.
 */
export function Process(target: string | ProcessOptions = {}, options: HandlerOptions = {}): MethodDecorator {
  const { pipeline, ...own } = typeof target === 'string' ? { pipeline: target } : target;
  return addMethodMetadata<ProcessMetadata>(PROCESS_METADATA, {
    ...(pipeline !== undefined && { pipeline }),
    options: { ...own, ...options },
  });
}
