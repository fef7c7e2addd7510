import { SetMetadata } from '@nestjs/common';
import type { HandlerOptions } from './handler.options';
import { PROCESSOR_METADATA, type ProcessorMetadata } from './job-queue.metadata';
import { DEFAULT_QUEUE } from './job-queue.tokens';

export interface ProcessorOptions extends HandlerOptions {
  /** The pipeline of those methods whose `@Process()` names none. */
  readonly pipeline?: string;
  /** The `name` of the queue that the class belongs to; default the queue without a name. */
  readonly queue?: string;
}

/**
 * A class whose methods handle jobs (`@Process()`) or listen to what becomes of them (`@OnJob()`). A mistake in
 * it fails the start of the application with `ProcessorMisconfiguredError`.
 */
export function Processor(
  target: string | ProcessorOptions = {},
  options: HandlerOptions = {},
): ClassDecorator {
  const {
    pipeline,
    queue = DEFAULT_QUEUE,
    ...own
  } = typeof target === 'string' ? { pipeline: target } : target;
  return SetMetadata<string, ProcessorMetadata>(PROCESSOR_METADATA, {
    ...(pipeline !== undefined && { pipeline }),
    queue,
    options: { ...own, ...options },
  });
}
