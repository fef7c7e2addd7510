import {
  type BeforeApplicationShutdown,
  type Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { messageOf } from '../../core/checks/text';
import type { QueueBackend } from '../../core/contract/backend';
import {
  BackendClosedError,
  ProcessorMisconfiguredError,
  UnsupportedByBackendError,
} from '../../core/contract/errors';
import type { PipelineStats, Seconds } from '../../core/contract/job-data';
import { JobEvents } from '../../core/policy/job-events';
import { WorkerGroup } from '../../core/process/worker-group';
import { jobRunner } from '../../core/telemetry/observed-runner';
import type { Worker } from '../../core/worker/worker';
import { type HandlerSettings, handlerSettings } from '../options/handler.options';
import type { JobQueueSettings } from '../options/job-queue.options';
import { CodeSchedules, slotPayloadOf } from '../schedules/code-schedules';
import type { JobQueueConnection } from '../service/job-queue.connection';
import type { Pulse } from '../worker-command/heartbeat';
import type { LimitedQueue } from '../worker-command/limits';
import type { WorkerPlan } from '../worker-command/worker-plan';
import { atMethod } from './at-method';
import type { Bootstrap } from './bootstrap';
import { chosen, isInRoles, ofRoles } from './chosen-pipelines';
import { keepingOf } from './handler-keeping';
import { jobListener } from './job-listener';
import type { Found, FoundHandler, JobQueueExplorer } from './job-queue.explorer';
import { queueLogger } from './queue-logger';
import type { HandlerHost, RunningHandler, RuntimeHandler, RuntimeHandlers } from './runtime-handlers';
import { warnWithoutShutdownHooks } from './shutdown-hooks';
import { startLine } from './start-line';

interface ReadyHandler extends FoundHandler {
  readonly settings: HandlerSettings;
}

interface Explored extends Omit<Found, 'handlers'> {
  readonly ready: readonly ReadyHandler[];
}

/**
 * The workers of one queue between the application's start and its end.
 *
 * They start when everything is constructed and initialised, and drain in `beforeApplicationShutdown`: one phase
 * later a TypeORM DataSource may be destroyed already, depending on the order of imports. It must not belong to a
 * global module: those are told last in every phase.
 */
export class JobQueueLifecycle
  implements
    OnApplicationBootstrap,
    OnModuleDestroy,
    BeforeApplicationShutdown,
    LimitedQueue,
    Pulse,
    HandlerHost
{
  private readonly logger: Logger;
  readonly events: JobEvents;
  private readonly group: WorkerGroup;
  private readonly schedules: CodeSchedules;
  /** The handler of each pipeline. */
  private readonly handled = new Map<string, ReadyHandler>();
  private readonly workers = new Map<ReadyHandler, Worker>();
  /** Registered before the start, or where this process does not work on jobs. */
  private readonly early = new Set<ReadyHandler>();
  /** Those of processors that this process may work on. */
  private found: readonly ReadyHandler[] = [];
  private readonly defaultTtr: Seconds | undefined;
  /** What a look before the start has found. */
  private explored: Explored | undefined;
  private prepared = false;
  private started = false;
  private stopping = false;

  constructor(
    readonly queue: string,
    private readonly backend: QueueBackend,
    private readonly settings: JobQueueSettings,
    private readonly connection: JobQueueConnection,
    private readonly explorer: JobQueueExplorer,
    private readonly bootstrap: Bootstrap,
    private readonly handlers: Pick<RuntimeHandlers, 'onDemand'>,
    private readonly plan: WorkerPlan = {},
  ) {
    this.logger = queueLogger(queue);
    this.events = new JobEvents(this.logger);
    this.defaultTtr = handlerSettings(settings.defaults).ttr;
    this.group = new WorkerGroup(backend, this.events, this.logger, {
      budget: plan.budget,
      levels: settings.logging,
    });
    this.schedules = new CodeSchedules(backend, settings.codec, this.logger);
  }

  /** The pipelines that this process works on. */
  get pipelines(): readonly string[] {
    return Array.from(this.workers.keys(), ({ pipeline }) => pipeline);
  }

  get busy(): boolean {
    return this.group.busy;
  }

  async onApplicationBootstrap(): Promise<void> {
    // Handlers may need what other modules make in this hook.
    await this.orEnd(async () => this.prepare());
    this.bootstrap.atEnd(() => this.orEnd(() => this.begin()));
  }

  onModuleDestroy(): void {
    this.stopping = true;
    this.group.stopReserving();
    if (this.busy) this.logger.log('Queue stops: no more jobs are reserved, waiting for those that run');
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.drain();
    if (this.started) this.logger.log('Queue has stopped');
  }

  /** Lets running handlers end within `shutdownTimeout`; then their jobs are given back without counting an attempt. */
  async drain(): Promise<void> {
    this.stopping = true;
    this.schedules.close();
    await this.group.drain(this.settings.shutdownTimeout);
  }

  stats(): Promise<PipelineStats[]> {
    return Promise.all(this.pipelines.map((pipeline) => this.backend.inspect.stats(pipeline)));
  }

  async ping(): Promise<void> {
    // No job has this id, and to look one up is the cheapest question that every backend has to answer.
    await this.backend.inspect.find('0');
  }

  ttrOf(pipeline: string): Seconds | undefined {
    const handler = this.handled.get(pipeline) ?? (this.started ? undefined : this.beforeStart(pipeline));
    return handler === undefined ? this.defaultTtr : handler.settings.ttr;
  }

  /** Throws `ProcessorMisconfiguredError`, and `BackendClosedError` when the application is ending. */
  async register({ pipeline, schema, handler, options }: RuntimeHandler): Promise<RunningHandler> {
    if (this.stopping) throw new BackendClosedError(this.backend.name);
    const found = { queue: this.queue, pipeline, schema, handler, where: `process('${pipeline}')` };
    const settings = this.settingsOf({ ...found, options: [options] });
    const ready: ReadyHandler = { ...found, options: [options], settings };
    this.refuseRival(ready);
    this.handled.set(pipeline, ready);
    try {
      if (!this.started || !this.worksOn(ready)) this.early.add(ready);
      else await this.startWorker(ready);
    } catch (error) {
      this.handled.delete(pipeline);
      throw error;
    }
    let closing: Promise<void> | undefined;
    const close = () => (closing ??= this.endHandler(ready));
    return { pipeline, close, [Symbol.asyncDispose]: close };
  }

  async workWhile(task: () => Promise<void>): Promise<void> {
    // A module that is compiled and never initialised has not started.
    if (!this.started) await this.start();
    try {
      for (const handler of [...this.found, ...this.early]) await this.startWorker(handler);
      await task();
    } finally {
      const workers = [...this.workers.values()];
      this.workers.clear();
      await Promise.all(workers.map((worker) => this.group.end(worker, this.settings.shutdownTimeout)));
    }
  }

  private async endHandler(ready: ReadyHandler): Promise<void> {
    this.early.delete(ready);
    const worker = this.workers.get(ready);
    this.workers.delete(ready);
    try {
      if (worker) await this.group.end(worker, this.settings.shutdownTimeout);
    } finally {
      if (this.handled.get(ready.pipeline) === ready) this.handled.delete(ready.pipeline);
    }
  }

  /** Jobs may be added from a module's onModuleInit on. */
  private beforeStart(pipeline: string): ReadyHandler | undefined {
    try {
      this.explored ??= this.explore();
    } catch {
      // The start says why it fails.
      return undefined;
    }
    return this.explored.ready.find((handler) => handler.pipeline === pipeline);
  }

  private explore(): Explored {
    const { pipelines, handlers, listeners } = this.explorer.explore(this.queue);
    const ready = handlers.map((found) => ({ ...found, settings: this.settingsOf(found) }));
    for (const handler of ready) this.schedules.check(handler);
    return { pipelines, listeners, ready };
  }

  private refuseRival({ pipeline, where }: ReadyHandler): void {
    const rival = this.handled.get(pipeline);
    if (rival === undefined) return;
    throw new ProcessorMisconfiguredError(
      `The pipeline ${pipeline} has two handlers: ${rival.where} and ${where} both handle it. Remove one.`,
    );
  }

  private async start(): Promise<void> {
    if (this.started) return;
    this.prepare();
    await this.begin();
  }

  /** Nest calls no hook of an application that did not start: nothing may keep its process alive. */
  private async orEnd(start: () => Promise<void>): Promise<void> {
    try {
      await start();
    } catch (error) {
      await this.drain();
      await this.connection
        .close()
        .catch((next: unknown) =>
          this.logger.error(`After a failed start the backend could not be closed: ${messageOf(next)}`),
        );
      throw error;
    }
  }

  /** Finds the handlers and refuses what cannot work. */
  private prepare(): void {
    if (this.prepared) return;
    const { pipelines, listeners, ready } = this.explore();
    this.found = this.chosenOf(ready, pipelines);
    for (const handler of ready) {
      this.refuseRival(handler);
      this.handled.set(handler.pipeline, handler);
    }
    for (const found of listeners) this.events.on(found.event, jobListener(found, this.settings));
    this.prepared = true;
  }

  private chosenOf(ready: readonly ReadyHandler[], everywhere: readonly string[]): readonly ReadyHandler[] {
    const own = [...ready, ...this.early].map(({ pipeline }) => pipeline);
    const found = chosen(this.plan.pipelines, ready, everywhere);
    return ofRoles(this.settings.roles, found, { own, everywhere: [...everywhere, ...own] });
  }

  private worksOn({ pipeline }: ReadyHandler): boolean {
    return this.settings.workers && isInRoles(this.settings.roles, pipeline);
  }

  private async begin(): Promise<void> {
    this.started = true;
    if (this.settings.workers) await this.startWorkers();
    if (this.settings.workers || this.handlers.onDemand)
      await this.schedules.start(this.found, [...this.handled.values()]);
    this.logger.log(startLine(this.backend.name, this.settings.source, this.pipelines));
    if (this.workers.size > 0) warnWithoutShutdownHooks(this.logger);
  }

  private async startWorkers(): Promise<void> {
    for (const observer of this.plan.observers ?? []) observer.watch(this.events, this.logger);
    for (const handler of this.found) await this.startWorker(handler);
    // Those that are closed meanwhile leave the set.
    for (const handler of this.early) {
      if (!this.worksOn(handler)) continue;
      await this.startWorker(handler);
      if (!this.early.has(handler)) await this.endHandler(handler);
    }
  }

  private async startWorker(ready: ReadyHandler): Promise<void> {
    const { pipeline, schema, handler, settings, where } = ready;
    if (settings.unitWarning !== undefined) this.logger.warn(`${where}: ${settings.unitWarning}`);
    const { codec, context, telemetry } = this.settings;
    const parts = { handler, codec, schema, slotPayload: slotPayloadOf(ready), context };
    try {
      const keeping = await keepingOf(this.backend, ready, codec, this.logger);
      const runner = jobRunner({ ...settings, ...parts, keeping }, this.backend.name, telemetry);
      this.workers.set(ready, await this.group.start({ ...settings, pipeline, runner }));
    } catch (error) {
      if (!(error instanceof UnsupportedByBackendError)) throw error;
      throw new ProcessorMisconfiguredError(`${where}: ${error.message}`);
    }
  }

  private settingsOf({ where, options }: FoundHandler): HandlerSettings {
    return atMethod(where, () =>
      handlerSettings(this.settings.defaults, ...options, this.plan.overrides ?? {}),
    );
  }
}
