import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule, ExternalContextCreator, ModulesContainer } from '@nestjs/core';
import type { QueueBackend } from '../../core/contract/backend';
import type { JobQueueSettings } from '../options/job-queue.options';
import {
  DEFAULT_QUEUE,
  getConnectionToken,
  getJobQueueBackendToken,
  getRuntimeHandlersToken,
  getSettingsToken,
} from '../options/job-queue.tokens';
import { JobContextCreator } from '../processors/job-context.creator';
import { MethodBinder } from '../processors/method-binder';
import { ProcessorDiscovery } from '../processors/processor.discovery';
import type { JobQueueConnection } from '../service/job-queue.connection';
import { WORKER_PLAN, type WorkerPlan } from '../worker-command/worker-plan';
import { JobQueueExplorer } from '../workers/job-queue.explorer';
import { JobQueueLifecycle } from '../workers/job-queue.lifecycle';
import type { RuntimeHandlers } from '../workers/runtime-handlers';
import { type JobQueueAsyncOptions, JobQueueCoreModule, type JobQueueOptions } from './job-queue-core.module';

/**
 * A queue of the application, to be imported once in its root module; several queues have different `name`s.
 * Its `JobQueueService` can be injected everywhere, and its workers are stopped before anything else ends.
 */
@Module({})
export class JobQueueModule {
  static forRoot(options: JobQueueOptions = {}): DynamicModule {
    return withWorkers(JobQueueCoreModule.forRoot(options), options.name);
  }

  static forRootAsync(options: JobQueueAsyncOptions): DynamicModule {
    return withWorkers(JobQueueCoreModule.forRootAsync(options), options.name);
  }
}

function withWorkers(core: DynamicModule, name = DEFAULT_QUEUE): DynamicModule {
  return {
    module: JobQueueModule,
    imports: [core, DiscoveryModule],
    providers: [
      {
        provide: JobContextCreator,
        inject: [ModulesContainer, ExternalContextCreator, getSettingsToken(name)],
        useFactory: (
          modules: ModulesContainer,
          contexts: ExternalContextCreator,
          { globalEnhancers }: JobQueueSettings,
        ) => new JobContextCreator(modules, contexts, globalEnhancers),
      },
      MethodBinder,
      ProcessorDiscovery,
      JobQueueExplorer,
      {
        provide: JobQueueLifecycle,
        inject: [
          getJobQueueBackendToken(name),
          getSettingsToken(name),
          getConnectionToken(name),
          JobQueueExplorer,
          getRuntimeHandlersToken(name),
          { token: WORKER_PLAN, optional: true },
        ],
        useFactory: (
          backend: QueueBackend,
          settings: JobQueueSettings,
          connection: JobQueueConnection,
          explorer: JobQueueExplorer,
          handlers: RuntimeHandlers,
          plan?: WorkerPlan,
        ) => {
          const lifecycle = new JobQueueLifecycle(name, backend, settings, connection, explorer, plan);
          handlers.attach(lifecycle);
          return lifecycle;
        },
      },
    ],
  };
}
