import {
  type BeforeApplicationShutdown,
  type Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { QueueBackend } from '../core/backend';
import { ProcessorMisconfiguredError, UnsupportedByBackendError } from '../core/errors';
import type { PipelineStats } from '../core/job';
import { JobEvents } from '../core/job-events';
import { JobRunner } from '../core/job-runner';
import { WorkerGroup } from '../core/worker-group';
import { type HandlerSettings, handlerSettings } from './handler.options';
import type { JobQueueConnection } from './job-queue.connection';
import type { FoundHandler, JobQueueExplorer } from './job-queue.explorer';
import type { JobQueueSettings } from './job-queue.options';
import { queueLogger } from './queue-logger';
import type { Pulse } from './worker-command/heartbeat';
import type { LimitedQueue } from './worker-command/limits';
import { planned, type WorkerPlan } from './worker-command/worker-plan';

interface ReadyHandler extends FoundHandler {
  readonly settings: HandlerSettings;
}

/**
 * The workers of one queue between the application's start and its end.
 *
 * They start when everything is constructed and initialised, and drain in `beforeApplicationShutdown`: one phase
 * later a TypeORM DataSource may be destroyed already, depending on the order of imports. It must not belong to a
 * global module: those are told last in every phase.
 */
export class JobQueueLifecycle
  implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown, LimitedQueue, Pulse
{
  private readonly logger: Logger;
  private readonly events: JobEvents;
  private readonly group: WorkerGroup;
  /** The pipelines that this process works on. */
  readonly pipelines: string[] = [];

  constructor(
    readonly queue: string,
    private readonly backend: QueueBackend,
    private readonly settings: JobQueueSettings,
    private readonly connection: JobQueueConnection,
    private readonly explorer: JobQueueExplorer,
    private readonly plan: WorkerPlan = {},
  ) {
    this.logger = queueLogger(queue);
    this.events = new JobEvents(this.logger);
    this.group = new WorkerGroup(backend, this.events, this.logger, plan.allowance);
  }

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.start();
    } catch (error) {
      // Nest calls no hook of an application that did not start: nothing may keep its process alive.
      await this.drain();
      await this.connection.close();
      throw error;
    }
  }

  onModuleDestroy(): void {
    this.group.stopReserving();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.drain();
  }

  /** Lets running handlers end within `shutdownTimeout`; then their jobs are given back at no attempt. */
  async drain(): Promise<void> {
    await this.group.drain(this.settings.shutdownTimeout);
  }

  stats(): Promise<PipelineStats[]> {
    return Promise.all(this.pipelines.map((pipeline) => this.backend.stats(pipeline)));
  }

  async ping(): Promise<void> {
    // No job has this id, and to look one up is the cheapest question that every backend has to answer.
    await this.backend.find('0');
  }

  private async start(): Promise<void> {
    const { pipelines, handlers, listeners } = this.explorer.explore(this.queue);
    const ready = handlers.map((found) => ({ ...found, settings: this.settingsOf(found) }));
    const wanted = planned(this.plan, ready, pipelines);
    if (!this.settings.workers) return;
    for (const { event, listener } of listeners) this.events.on(event, listener);
    for (const observer of this.plan.observers ?? []) observer.watch(this.events, this.logger);
    for (const handler of wanted) await this.startWorker(handler);
  }

  private async startWorker({ pipeline, schema, handler, settings, where }: ReadyHandler): Promise<void> {
    const { codec } = this.settings;
    const runner = new JobRunner({ ...settings, handler, codec, schema });
    const { concurrency, prefetch, transaction } = settings;
    try {
      await this.group.start({ pipeline, concurrency, prefetch, transaction, runner });
    } catch (error) {
      if (!(error instanceof UnsupportedByBackendError)) throw error;
      throw new ProcessorMisconfiguredError(`${where}: ${error.message}`);
    }
    this.pipelines.push(pipeline);
  }

  private settingsOf({ where, options }: FoundHandler): HandlerSettings {
    try {
      return handlerSettings(this.settings.defaults, ...options, this.plan.overrides ?? {});
    } catch (error) {
      throw new ProcessorMisconfiguredError(`${where}: ${(error as Error).message}`);
    }
  }
}
