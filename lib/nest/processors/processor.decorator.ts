import { SetMetadata } from '@nestjs/common';
import { copiedOptions } from '../../core/checks/options';
import type { HandlerOptions } from '../options/handler.options';
import { DEFAULT_QUEUE } from '../options/job-queue.tokens';
import { isPipeline, named, type PipelineDefinition } from '../pipelines/pipeline-definition';
import { PROCESSOR_METADATA, type ProcessorMetadata } from './job-queue.metadata';

const PLACE = 'the options of @Processor()';

export interface ProcessorOptions extends HandlerOptions {
  /** The pipeline of the methods whose `@Process()` names none. */
  readonly pipeline?: string | PipelineDefinition;
  /** The `name` of the queue that the class belongs to. @default the queue without a name */
  readonly queue?: string;
}

/**
 * A class whose methods handle jobs (`@Process()`) or listen to what becomes of them (`@OnJob()`). A mistake in it fails
 * the start of the application with `ProcessorMisconfiguredError`.
 *
 * @example
 * @Processor('send_mail', { concurrency: 10 })
 * class MailProcessor {
 *   @Process()
 *   async send(job: Job<Mail>) {}
 * }
 */
export function Processor(
  target: string | PipelineDefinition | ProcessorOptions = {},
  options: HandlerOptions = {},
): ClassDecorator {
  const {
    pipeline,
    queue = DEFAULT_QUEUE,
    ...own
  }: ProcessorOptions = isPipeline(target) ? { pipeline: target } : copiedOptions(target, PLACE);
  return SetMetadata<string, ProcessorMetadata>(PROCESSOR_METADATA, {
    ...named(pipeline),
    queue,
    options: { ...own, ...copiedOptions(options, PLACE) },
  });
}
