import { ConfigurableModuleBuilder, type InjectionToken, Module, type Provider } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { OptionNames } from '../../core/checks/options';
import type { QueueBackend } from '../../core/contract/backend';
import { feature } from '../../core/contract/features';
import { Reservations } from '../../core/reservations/reservations';
import { observed } from '../../core/telemetry/observed-backend';
import { JobWaits } from '../../core/waiting/job-waits';
import {
  type JobQueueModuleOptions,
  type JobQueueSettings,
  jobQueueSettings,
} from '../options/job-queue.options';
import {
  DEFAULT_QUEUE,
  getConnectionToken,
  getJobQueueAlias,
  getJobQueueBackendToken,
  getJobQueueToken,
  getRuntimeHandlersToken,
  getSettingsToken,
} from '../options/job-queue.tokens';
import { JobPuts } from '../service/job-puts';
import { JobQueueConnection } from '../service/job-queue.connection';
import { JobQueueService } from '../service/job-queue.service';
import { NewJobs } from '../service/new-jobs';
import { queueLogger } from '../workers/queue-logger';
import { RuntimeHandlers } from '../workers/runtime-handlers';
import { createBackend } from './backend.factory';

interface QueueName {
  /** Tells several queues of one application apart. @default the queue without a name */
  name?: string;
}

const configurable = new ConfigurableModuleBuilder<JobQueueModuleOptions>()
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createJobQueueOptions')
  .setExtras<QueueName>({ name: DEFAULT_QUEUE }, (definition, { name = DEFAULT_QUEUE }) => ({
    ...definition,
    global: true,
    providers: [...(definition.providers ?? []), ...providersOf(name)],
    exports: [
      getJobQueueToken(name),
      getJobQueueAlias(name),
      getJobQueueBackendToken(name),
      getConnectionToken(name),
      getSettingsToken(name),
      getRuntimeHandlersToken(name),
    ],
  }))
  .build();

/** The token of a queue's options as they were passed, within its module. */
export const { MODULE_OPTIONS_TOKEN } = configurable;
export type JobQueueOptions = typeof configurable.OPTIONS_TYPE;
export type JobQueueAsyncOptions = typeof configurable.ASYNC_OPTIONS_TYPE;

export const ASYNC_OPTIONS: OptionNames<JobQueueAsyncOptions> = {
  name: true,
  useFactory: true,
  useClass: true,
  useExisting: true,
  inject: true,
  imports: true,
  provideInjectionTokensFrom: true,
};

/** The part of a queue that any provider may inject: its backend and its service. Global, so it outlives the workers. */
@Module({})
export class JobQueueCoreModule extends configurable.ConfigurableModuleClass {}

function providersOf(name: string): Provider[] {
  const settings = getSettingsToken(name);
  const backend = getJobQueueBackendToken(name);
  const connection = getConnectionToken(name);
  // The default queue's service is provided under its class.
  const isDefault = name === DEFAULT_QUEUE;
  return [
    ...(isDefault ? [{ provide: getJobQueueAlias(), useExisting: getJobQueueToken() }] : []),
    factory(settings, [configurable.MODULE_OPTIONS_TOKEN], (options: JobQueueModuleOptions) =>
      jobQueueSettings(options),
    ),
    factory(backend, [settings, ModuleRef], (options: JobQueueSettings, moduleRef: ModuleRef) =>
      createBackend(options.backend(), moduleRef),
    ),
    factory(getRuntimeHandlersToken(name), [], () => new RuntimeHandlers()),
    factory(
      Reservations,
      [backend, settings],
      (opened: QueueBackend, { codec, telemetry }: JobQueueSettings) =>
        new Reservations(observed(opened, telemetry), codec, queueLogger(name)),
    ),
    factory(
      JobPuts,
      [backend, settings],
      (opened: QueueBackend, { currentTransaction, telemetry }: JobQueueSettings) =>
        new JobPuts(observed(opened, telemetry), queueLogger(name), currentTransaction),
    ),
    factory(
      connection,
      [backend, Reservations, JobPuts, JobWaits, settings],
      (
        opened: QueueBackend,
        reservations: Reservations,
        puts: JobPuts,
        waits: JobWaits,
        { telemetry }: JobQueueSettings,
      ) =>
        new JobQueueConnection(opened, reservations, puts, waits, queueLogger(name), () =>
          telemetry?.observe({ name, backend: opened }),
        ),
    ),
    factory(
      JobWaits,
      [backend],
      (opened: QueueBackend) => new JobWaits(opened.name, () => feature(opened, 'waiting')),
    ),
    factory(
      NewJobs,
      [backend, settings, getRuntimeHandlersToken(name)],
      (opened: QueueBackend, { codec, context }: JobQueueSettings, handlers: RuntimeHandlers) => {
        // The application does not start where no context can be kept.
        if (context) feature(opened, 'headers');
        return new NewJobs(codec, handlers, queueLogger(name), context);
      },
    ),
    factory(
      getJobQueueToken(name),
      [backend, settings, NewJobs, Reservations, JobPuts, JobWaits, getRuntimeHandlersToken(name)],
      (
        opened: QueueBackend,
        { codec, telemetry }: JobQueueSettings,
        jobs: NewJobs,
        reservations: Reservations,
        puts: JobPuts,
        waits: JobWaits,
        handlers: RuntimeHandlers,
      ) =>
        new JobQueueService({
          backend: observed(opened, telemetry),
          codec,
          jobs,
          reservations,
          puts,
          waits,
          handlers,
        }),
    ),
  ];
}

function factory<A extends unknown[]>(
  provide: InjectionToken,
  inject: InjectionToken[],
  useFactory: (...dependencies: A) => unknown,
): Provider {
  return { provide, inject, useFactory };
}
