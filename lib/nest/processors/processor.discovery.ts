import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { ProcessorMisconfiguredError } from '../../core/contract/errors';
import { getJobQueueBackendToken } from '../options/job-queue.tokens';
import {
  type Class,
  methodsOf,
  onJobsOf,
  processesOf,
  type ProcessorMetadata,
  processorOf,
} from './job-queue.metadata';
import type { ProviderWrapper } from './method-binder';

/** One provider whose class has `@Processor()`. */
export interface ProcessorClass {
  readonly type: Class;
  readonly provider: ProviderWrapper;
  readonly metadata: ProcessorMetadata;
}

/** Finds the processors of the whole application, whichever way Nest provides them. */
@Injectable()
export class ProcessorDiscovery {
  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws {ProcessorMisconfiguredError} for a decorated method that nothing would call */
  find(): ProcessorClass[] {
    this.refuseControllers();
    const found: ProcessorClass[] = [];
    const instances = new Set<unknown>();
    for (const provider of this.providers()) {
      const type = typeOf(provider);
      // A factory may return the instance of another provider: one instance is one processor.
      if (!type || instances.has(provider.instance)) continue;
      const metadata = processorOf(type);
      if (!metadata) refuseStrayMethods(type, `put @Processor() on the class ${type.name}`);
      else {
        instances.add(provider.instance);
        found.push({ type, provider, metadata });
      }
    }
    return found;
  }

  /** How many queues of the application have that name. */
  queuesNamed(queue: string): number {
    const token = getJobQueueBackendToken(queue);
    return this.discovery.getProviders().filter((provider) => provider.token === token).length;
  }

  /** Providers that Nest creates from a class come first; the others may be the same instance again. */
  private providers(): ProviderWrapper[] {
    const providers = this.discovery.getProviders();
    return [
      ...providers.filter((provider) => !provider.isNotMetatype),
      ...providers.filter((provider) => provider.isNotMetatype),
    ];
  }

  private refuseControllers(): void {
    for (const { metatype } of this.discovery.getControllers()) {
      const type = metatype as Class | null;
      if (!type) continue;
      if (processorOf(type)) {
        throw new ProcessorMisconfiguredError(
          `${type.name} is a controller and cannot be a @Processor(): move its handlers to a provider.`,
        );
      }
      refuseStrayMethods(type, 'a controller handles requests, move it to a provider with @Processor()');
    }
  }
}

/** The class of the provider's value; undefined when it has none, or is known only while a job runs. */
function typeOf(provider: ProviderWrapper): Class | undefined {
  if (provider.isAlias) return undefined;
  if (!provider.isNotMetatype) return provider.metatype as Class;
  const instance: unknown = provider.instance;
  if (typeof instance !== 'object' || instance === null) return undefined;
  const prototype = Object.getPrototypeOf(instance) as object | null;
  const type: unknown = prototype && Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof type === 'function' ? (type as Class) : undefined;
}

function refuseStrayMethods(type: Class, remedy: string): void {
  for (const [name, method] of methodsOf(type)) {
    const decorator =
      processesOf(method).length > 0 ? '@Process()' : onJobsOf(method).length > 0 ? '@OnJob()' : '';
    if (decorator) {
      throw new ProcessorMisconfiguredError(
        `${type.name}.${name} has ${decorator}, but would never be called: ${remedy}.`,
      );
    }
  }
}
