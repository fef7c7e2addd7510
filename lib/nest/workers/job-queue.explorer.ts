import { Injectable } from '@nestjs/common';
import { InvalidConfigurationError, ProcessorMisconfiguredError, shown } from '../../core/contract/errors';
import { checkedPipelineName } from '../../core/contract/pipeline-name';
import type { StandardSchema } from '../../core/payload/payload-schema';
import type { Handler } from '../../core/policy/job';
import { JOB_EVENTS, type JobEventName } from '../../core/policy/job-events';
import type { HandlerOptions } from '../options/handler.options';
import { type HandlerSchedule, withoutSchedule } from '../options/schedule.options';
import {
  type Class,
  methodsOf,
  onJobsOf,
  processesOf,
  type ProcessorMetadata,
} from '../processors/job-queue.metadata';
import { MethodBinder } from '../processors/method-binder';
import type { JobEvent } from '../processors/on-job.decorator';
import { type ProcessorClass, ProcessorDiscovery } from '../processors/processor.discovery';
import { atMethod } from './at-method';

/** One `@Process()`. */
export interface FoundHandler {
  readonly queue: string;
  readonly pipeline: string;
  readonly schema: StandardSchema | undefined;
  /** `EmailProcessor.send`, as it stands in messages. */
  readonly where: string;
  /** From the class to the method. */
  readonly options: readonly HandlerOptions[];
  readonly schedule?: HandlerSchedule | undefined;
  readonly handler: Handler;
}

/** One `@OnJob()`. */
export interface FoundListener {
  readonly queue: string;
  readonly event: JobEventName;
  /** Empty: all of them. */
  readonly pipelines: ReadonlySet<string>;
  readonly listener: (event: JobEvent<JobEventName>) => unknown;
}

export interface Found {
  /** The pipelines that have a handler in any queue of the application, sorted. */
  readonly pipelines: readonly string[];
  readonly handlers: readonly FoundHandler[];
  readonly listeners: readonly FoundListener[];
}

/** Finds the handlers and listeners of the whole application, and refuses what cannot work. */
@Injectable()
export class JobQueueExplorer {
  constructor(
    private readonly discovery: ProcessorDiscovery,
    private readonly methods: MethodBinder,
  ) {}

  /**
   * What belongs to one queue. Throws `ProcessorMisconfiguredError`, with class and method in its text, for a
   * mistake anywhere in the application.
   */
  explore(queue: string): Found {
    this.refuseNamesake(queue);
    const processors = this.discovery.find();
    const handlers = processors.flatMap((processor) => this.handlersOf(processor));
    const listeners = processors.flatMap((processor) => this.listenersOf(processor));
    for (const processor of processors) this.refuseMisfit(processor);
    refuseRivals(handlers);
    return {
      pipelines: [...new Set(handlers.map(({ pipeline }) => pipeline))].sort(),
      handlers: handlers.filter((found) => found.queue === queue),
      listeners: listeners.filter((found) => found.queue === queue),
    };
  }

  private handlersOf({ type, provider, metadata }: ProcessorClass): FoundHandler[] {
    const handlers: FoundHandler[] = [];
    for (const [name, method] of methodsOf(type)) {
      const where = `${type.name}.${name}`;
      for (const process of processesOf(method)) {
        const { pipeline, schema } = process.pipeline === undefined ? metadata : process;
        const { options, schedule } = atMethod(where, () => withoutSchedule(process.options));
        handlers.push({
          queue: metadata.queue,
          pipeline: checkedPipeline(where, pipeline),
          schema,
          where,
          options: [metadata.options, options],
          schedule,
          handler: this.methods.handler(provider, { type, name, method }),
        });
      }
    }
    return handlers;
  }

  private listenersOf({ type, provider, metadata }: ProcessorClass): FoundListener[] {
    const listeners: FoundListener[] = [];
    const own = pipelinesOf(type, metadata);
    for (const [name, method] of methodsOf(type)) {
      const where = `${type.name}.${name}`;
      for (const { event, pipelines } of onJobsOf(method)) {
        if (typeof (event as unknown) !== 'string' || !Object.hasOwn(JOB_EVENTS, event)) {
          throw new ProcessorMisconfiguredError(
            `${where} listens to ${shown(event)}, which never happens to a job: use ${Object.keys(JOB_EVENTS).join(', ')}.`,
          );
        }
        for (const pipeline of pipelines ?? []) checkedPipeline(where, pipeline);
        const wanted = new Set(pipelines ?? own);
        const listener = this.methods.bound<JobEvent<JobEventName>>(provider, method);
        listeners.push({ queue: metadata.queue, event, pipelines: wanted, listener });
      }
    }
    return listeners;
  }

  private refuseNamesake(queue: string): void {
    if (this.discovery.queuesNamed(queue) > 1) {
      throw new InvalidConfigurationError(
        `JobQueueModule is imported several times for the queue '${queue}': give each but one a name of its own, forRoot({ name }).`,
      );
    }
  }

  private refuseMisfit({ type, metadata }: ProcessorClass): void {
    if (typeof (metadata.queue as unknown) !== 'string' || this.discovery.queuesNamed(metadata.queue) === 0) {
      throw new ProcessorMisconfiguredError(
        `${type.name} belongs to the queue ${shown(metadata.queue)}, which does not exist: import JobQueueModule.forRoot({ name: ${shown(metadata.queue)} }).`,
      );
    }
    // A class that names a pipeline and has no handler has surely lost one; without a pipeline it may only listen.
    const methods = [...methodsOf(type).values()];
    if (methods.some((method) => processesOf(method).length > 0)) return;
    if (metadata.pipeline === undefined && methods.some((method) => onJobsOf(method).length > 0)) return;
    throw new ProcessorMisconfiguredError(
      `${type.name} has @Processor() but no handler: put @Process() on the method that handles its jobs.`,
    );
  }
}

function pipelinesOf(type: Class, { pipeline }: ProcessorMetadata): string[] {
  const named = [...methodsOf(type).values()].flatMap(processesOf).map((process) => process.pipeline);
  return [pipeline, ...named].filter((name) => name !== undefined);
}

function checkedPipeline(where: string, pipeline: string | undefined): string {
  if (pipeline === undefined) {
    throw new ProcessorMisconfiguredError(
      `${where} names no pipeline: write @Process('pipeline'), or @Processor('pipeline') on its class.`,
    );
  }
  return atMethod(where, () => checkedPipelineName(pipeline));
}

function refuseRivals(handlers: readonly FoundHandler[]): void {
  const taken = new Map<string, string>();
  for (const { queue, pipeline, where } of handlers) {
    const key = `${queue} ${pipeline}`;
    const rival = taken.get(key);
    if (rival !== undefined) {
      const why = rival === where ? `${where} is provided twice` : `${rival} and ${where} both handle it`;
      throw new ProcessorMisconfiguredError(`The pipeline ${pipeline} has two handlers: ${why}. Remove one.`);
    }
    taken.set(key, where);
  }
}
