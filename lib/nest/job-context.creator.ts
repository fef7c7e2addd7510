import { Injectable } from '@nestjs/common';
import {
  ApplicationConfig,
  type ContextId,
  ExternalContextCreator,
  ModulesContainer,
  NestContainer,
} from '@nestjs/core';
import type { Job } from '../core/handled-job';
import { type Class, hasFilters, PARAMETER_METADATA } from './job-queue.metadata';

/** `ExecutionContext.getType()` of a job. */
export const JOB_CONTEXT_TYPE = 'job';

/** Where a handler comes from. */
export interface HandlerMethod {
  readonly type: Class;
  readonly name: string;
  readonly method: (...args: unknown[]) => unknown;
}

/**
 * Wraps handlers in the guards, interceptors, filters and parameter pipes of their class and method.
 *
 * Global ones are left out: they are written for requests, and a guard that looks for a header would refuse every
 * job. Nest's creator takes them from the container's configuration and has no switch for them alone, so it is
 * given the application's modules under an empty configuration.
 */
@Injectable()
export class JobContextCreator {
  private readonly contexts: ExternalContextCreator;

  constructor(modules: ModulesContainer) {
    this.contexts = ExternalContextCreator.fromContainer(new UnconfiguredContainer(modules));
  }

  create(
    instance: object,
    { type, name, method }: HandlerMethod,
    contextId?: ContextId,
    providerId?: string,
  ): (job: Job) => Promise<unknown> {
    return this.contexts.create(
      instance,
      method,
      name,
      PARAMETER_METADATA,
      // Asked for `@Body()` and its like, which a job has not.
      { exchangeKeyForValue: () => undefined },
      contextId,
      providerId,
      // Nest's default filter logs every error, and so does the worker: only filters of the user's are put in.
      { guards: true, interceptors: true, filters: hasFilters(type, method) },
      JOB_CONTEXT_TYPE,
    );
  }
}

class UnconfiguredContainer extends NestContainer {
  constructor(private readonly application: ModulesContainer) {
    super(new ApplicationConfig());
  }

  override getModules(): ModulesContainer {
    return this.application;
  }
}
