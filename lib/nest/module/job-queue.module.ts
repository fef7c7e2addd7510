import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule, ExternalContextCreator, ModulesContainer } from '@nestjs/core';
import { checkedText } from '../../core/checks/checks';
import { checkedOptions, copiedOptions } from '../../core/checks/options';
import { read } from '../../core/checks/text';
import type { QueueBackend } from '../../core/contract/backend';
import { observed } from '../../core/telemetry/observed-backend';
import type { JobQueueModuleOptions, JobQueueSettings } from '../options/job-queue.options';
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
import { Bootstrap } from '../workers/bootstrap';
import { JobQueueExplorer } from '../workers/job-queue.explorer';
import { JobQueueLifecycle } from '../workers/job-queue.lifecycle';
import type { RuntimeHandlers } from '../workers/runtime-handlers';
import {
  ASYNC_OPTIONS,
  type JobQueueAsyncOptions,
  JobQueueCoreModule,
  type JobQueueOptions,
} from './job-queue-core.module';

/**
 * A queue of the application. Import it once in the root module; several queues need different `name`s. Every provider
 * can inject its `JobQueueService`, and its workers stop before anything else ends.
 *
 * @example
 * @Module({ imports: [JobQueueModule.forRoot({ backend: 'postgres://user:password@db.example.com/app' })] })
 * class AppModule {}
 */
@Module({})
export class JobQueueModule {
  static forRoot(options: JobQueueOptions = {}): DynamicModule {
    const name = read(options, 'name') as string | undefined;
    // Behind a function, so that printing the module, or an error of Nest about it, shows no password.
    const useFactory = (): JobQueueModuleOptions => withoutName(options);
    return JobQueueModule.forRootAsync({ ...(name !== undefined && { name }), useFactory });
  }

  /**
   * The same with options that are made of other providers.
   *
   * @throws InvalidJobOptionError at once for a name beside `useFactory` that there is not: it would belong into the
   * options that the factory returns
   */
  static forRootAsync(given: JobQueueAsyncOptions): DynamicModule {
    const options = checkedOptions(given, ASYNC_OPTIONS, 'forRootAsync');
    if (options.name !== undefined) checkedText('name', options.name);
    return withWorkers(JobQueueCoreModule.forRootAsync(options), options.name);
  }
}

function withoutName(options: JobQueueOptions): JobQueueModuleOptions {
  if (typeof (options as unknown) !== 'object' || options === null) return options;
  const own = Object.entries(copiedOptions(options, 'the options of forRoot()'));
  return Object.fromEntries(own.filter(([name]) => name !== 'name'));
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
          ModulesContainer,
          getRuntimeHandlersToken(name),
          { token: WORKER_PLAN, optional: true },
        ],
        useFactory: (
          backend: QueueBackend,
          settings: JobQueueSettings,
          connection: JobQueueConnection,
          explorer: JobQueueExplorer,
          modules: ModulesContainer,
          handlers: RuntimeHandlers,
          plan?: WorkerPlan,
        ) => {
          const bootstrap = new Bootstrap(modules);
          const lifecycle = new JobQueueLifecycle(
            name,
            observed(backend, settings.telemetry),
            settings,
            connection,
            explorer,
            bootstrap,
            handlers,
            plan,
          );
          handlers.attach(lifecycle);
          return lifecycle;
        },
      },
    ],
  };
}
