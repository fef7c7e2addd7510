import { Injectable } from '@nestjs/common';
import { ContextIdFactory, type ContextId, type DiscoveryService, ModuleRef } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import { ProcessorMisconfiguredError } from '../../core/contract/errors';
import type { Handler } from '../../core/policy/job';
import { type HandlerMethod, JobContextCreator } from './job-context.creator';
import { enhancersOf, isEnhanced } from './job-queue.metadata';

/** What Nest knows about one provider. */
export type ProviderWrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** Turns methods of providers into plain functions. */
@Injectable()
export class MethodBinder {
  constructor(private readonly contexts: JobContextCreator) {}

  /**
   * A handler with its enhancers; without any, the worker calls the method directly.
   *
   * @throws {ProcessorMisconfiguredError}
   */
  handler(provider: ProviderWrapper, handled: HandlerMethod): Handler {
    const { type, name, method } = handled;
    if (!this.contexts.withGlobals && !isEnhanced(type, name, method))
      return lastValue(this.bound(provider, method));
    refuseUnmadeEnhancers(provider, handled);
    if (isStatic(provider)) return this.contexts.create(provider.instance as object, handled);
    return async (job) => {
      const contextId = contextOf(provider, job);
      const instance = await instanceIn(provider, contextId);
      return this.contexts.create(instance, handled, contextId, provider.id)(job);
    };
  }

  /** The method without enhancers. A request-scoped provider is created for every call. */
  bound<A extends object>(
    provider: ProviderWrapper,
    method: (...args: unknown[]) => unknown,
  ): (argument: A) => unknown {
    if (isStatic(provider)) {
      const instance: unknown = provider.instance;
      return (argument) => method.call(instance, argument);
    }
    return async (argument) => {
      const instance = await instanceIn(provider, contextOf(provider, argument));
      return method.call(instance, argument);
    };
  }
}

/** Nest creates the enhancers only of classes that it creates itself; for a value or a factory it skips them without a word. */
function refuseUnmadeEnhancers(provider: ProviderWrapper, { type, name, method }: HandlerMethod): void {
  for (const enhancer of enhancersOf(type, method)) {
    if (typeof enhancer === 'function' && !provider.host?.injectables.has(enhancer)) {
      throw new ProcessorMisconfiguredError(
        `${type.name}.${name} would run without ${enhancer.name}: Nest does not make it for a class that is provided by useValue or useFactory. Write new ${enhancer.name}() in the decorator, or provide ${type.name} as a class.`,
      );
    }
  }
}

/** Whether one instance serves every job. */
function isStatic(provider: ProviderWrapper): boolean {
  return provider.isDependencyTreeStatic() && !provider.isTransient;
}

/** A new context for the job or the event, which providers get by `@Inject(REQUEST)`. */
function contextOf(provider: ProviderWrapper, subject: object): ContextId {
  const contextId = ContextIdFactory.getByRequest(subject);
  const shared: unknown = provider.isDependencyTreeDurable() ? contextId.payload : undefined;
  moduleRefOf(provider).registerRequestByContextId(shared ?? subject, contextId);
  return contextId;
}

function instanceIn(provider: ProviderWrapper, contextId: ContextId): Promise<object> {
  return moduleRefOf(provider).resolve<object>(provider.token, contextId);
}

/** The one of the provider's own module, so that its token is not mistaken for another module's. */
function moduleRefOf(provider: ProviderWrapper): ModuleRef {
  const wrapper = provider.host?.getProviderByKey<ModuleRef>(ModuleRef);
  if (!wrapper) throw new TypeError(`The provider ${provider.name} belongs to no module`);
  return wrapper.instance;
}

/** Subscribes to an Observable that a handler returns: otherwise its job would be deleted and nothing done. */
function lastValue(handler: Handler): Handler {
  return async (job) => {
    const result = await handler(job);
    return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
  };
}
