import {
  ApplicationConfig,
  type ContextId,
  ExternalContextCreator,
  ModulesContainer,
  NestContainer,
  REQUEST,
} from '@nestjs/core';
import type { Job } from '../../core/policy/job';
import { type Class, hasFilters, PARAMETER_METADATA } from './job-queue.metadata';
import { PAYLOAD_PARAMETER } from './parameter.decorators';

/** `ExecutionContext.getType()` of a job. */
export const JOB_CONTEXT_TYPE = 'job';

/** The token of the job in request-scoped providers of its processor, as `REQUEST` is that of a request. */
export const JOB = REQUEST;

/** Where a handler comes from. */
export interface HandlerMethod {
  readonly type: Class;
  readonly name: string;
  readonly method: (...args: unknown[]) => unknown;
}

/**
 * Wraps handlers in the guards, interceptors, filters and parameter pipes of their class and method.
 *
 * Leaves global ones out unless the module asks for them: most are written for requests, and a guard that looks for a
 * header would refuse every job. Nest's creator takes them from the container's configuration and cannot leave them out,
 * so it gets the application's modules with an empty configuration.
 */
export class JobContextCreator {
  private readonly contexts: ExternalContextCreator;

  constructor(
    modules: ModulesContainer,
    contexts: ExternalContextCreator,
    /** Run the application's global guards, interceptors, pipes and filters too. */
    readonly withGlobals: boolean,
  ) {
    this.contexts = withGlobals
      ? contexts
      : ExternalContextCreator.fromContainer(new UnconfiguredContainer(modules));
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
      { exchangeKeyForValue: parameterValue },
      contextId,
      providerId,
      // Nest's default filter logs every error, and so does the worker: so only the application's filters are added.
      { guards: true, interceptors: true, filters: this.withGlobals || hasFilters(type, method) },
      JOB_CONTEXT_TYPE,
    );
  }
}

/** Nest also asks for `@Query()` and its like, which a job does not have. */
function parameterValue(type: number, property: unknown, [job]: [Job]): unknown {
  if (type !== PAYLOAD_PARAMETER) return undefined;
  const payload = job.payload as Record<string, unknown> | null | undefined;
  return typeof property === 'string' ? payload?.[property] : payload;
}

class UnconfiguredContainer extends NestContainer {
  constructor(private readonly application: ModulesContainer) {
    super(new ApplicationConfig());
  }

  override getModules(): ModulesContainer {
    return this.application;
  }
}
