import { copiedOptions } from '../../core/checks/options';
import type { Job } from '../../core/policy/job';
import type { HandlerOptions } from '../options/handler.options';
import type { HandlerSchedule } from '../options/schedule.options';
import { isPipeline, named, type PipelineDefinition } from '../pipelines/pipeline-definition';
import { addMethodMetadata, PROCESS_METADATA, type ProcessMetadata } from './job-queue.metadata';

const PLACE = 'the options of @Process()';

export interface ProcessOptions extends HandlerOptions, HandlerSchedule {
  /** @default the pipeline of the class */
  readonly pipeline?: string | PipelineDefinition;
}

/**
 * The method handles the jobs of a pipeline. When it resolves, the job is deleted; when it resolves `false`, buried. When
 * it throws, the job is tried again as `attempts` and `backoff` say, and then buried. It may stand on one method several
 * times, for several pipelines; a pipeline has exactly one handler.
 *
 * With `cron` or `every` it is also a schedule, named after the pipeline.
 *
 * @example
 * @Process('send_mail', { concurrency: 10, attempts: 5, backoff: { type: 'exponential', delay: '1s' } })
 * async send(job: Job<Mail>) {}
 *
 * @Process('nightly_report', { cron: '0 3 * * *', timeZone: 'Asia/Seoul' })
 * async report() {}
 */
export function Process<T, I>(
  pipeline: PipelineDefinition<T, I>,
  options: HandlerOptions & HandlerSchedule<NoInfer<I>> & { readonly transaction: true },
): HandlerDecorator<Job<T, never> & { readonly manager: never }>;
export function Process<T, I>(
  pipeline: PipelineDefinition<T, I>,
  options?: HandlerOptions & HandlerSchedule<NoInfer<I>>,
): HandlerDecorator<Job<T>>;
export function Process(
  target?: string | (ProcessOptions & NoPipeline),
  options?: HandlerOptions & HandlerSchedule,
): MethodDecorator;
export function Process(
  target: string | PipelineDefinition | ProcessOptions = {},
  options: HandlerOptions & HandlerSchedule = {},
): MethodDecorator {
  const { pipeline, ...own }: ProcessOptions = isPipeline(target)
    ? { pipeline: target }
    : copiedOptions(target, PLACE);
  return addMethodMetadata<ProcessMetadata>(PROCESS_METADATA, {
    ...named(pipeline),
    options: { ...own, ...copiedOptions(options, PLACE) },
  });
}

/** Without this, the compiler would take a pipeline for options. */
interface NoPipeline {
  readonly name?: never;
}

/** For a method that takes such a job, or none because its parameters have decorators of their own. */
type HandlerDecorator<J extends Job> = <M extends (...parameters: never[]) => unknown>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<M> & Taking<J, M>,
) => void;

/**
 * A parameter with a payload is meant as the job. A transaction of type `never` fits any kind that the method wants. The
 * compiler shows the name of what is missing.
 */
type Taking<J extends Job, M> = M extends (first: infer First, ...others: never[]) => unknown
  ? First extends { readonly payload: unknown }
    ? J extends First
      ? unknown
      : { readonly handlerTakesAnotherPayload: J['payload'] }
    : unknown
  : unknown;
