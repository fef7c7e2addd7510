import { Injectable } from '@nestjs/common';
import { ContextIdFactory, type ContextId, type DiscoveryService, ModuleRef } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import { ProcessorMisconfiguredError } from '../../core/contract/errors';
import type { Handler } from '../../core/policy/job';
import { type HandlerMethod, JobContextCreator } from './job-context.creator';
import { enhancersOf, isEnhanced } from './job-queue.metadata';

/** What Nest knows of one provider. */
export type ProviderWrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** Makes plain functions of providers' methods. */
@Injectable()
export class MethodBinder {
  constructor(private readonly contexts: JobContextCreator) {}

  /**
   * A handler with its enhancers; without any, nothing of Nest stands between the worker and the method. Throws
   * `ProcessorMisconfiguredError`.
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

  /** The method without enhancers; a request-scoped provider is made anew for every call. */
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

/** Nest makes the enhancers of classes that it makes itself; those of a value's or a factory's class it would skip in silence. */
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

/** A context of its own for the job, or for the event, which its providers get by `@Inject(REQUEST)`. */
function contextOf(provider: ProviderWrapper, subject: object): ContextId {
  const contextId = ContextIdFactory.getByRequest(subject);
  const shared: unknown = provider.isDependencyTreeDurable() ? contextId.payload : undefined;
  moduleRefOf(provider).registerRequestByContextId(shared ?? subject, contextId);
  return contextId;
}

function instanceIn(provider: ProviderWrapper, contextId: ContextId): Promise<object> {
  return moduleRefOf(provider).resolve<object>(provider.token, contextId);
}

/** That of the provider's own module, where its token is not mistaken for another module's. */
function moduleRefOf(provider: ProviderWrapper): ModuleRef {
  const wrapper = provider.host?.getProviderByKey<ModuleRef>(ModuleRef);
  if (!wrapper) throw new TypeError(`The provider ${provider.name} belongs to no module`);
  return wrapper.instance;
}

/** Nobody else subscribes to an Observable that a handler returns: its job would be deleted and nothing done. */
function lastValue(handler: Handler): Handler {
  return async (job) => {
    const result = await handler(job);
    return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
  };
}
