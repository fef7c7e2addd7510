import type { JobEventName } from '../../core/policy/job-events';
import type { HandlerOptions } from '../options/handler.options';
import type { ProcessSettings } from '../options/schedule.options';
import type { NamedPipeline } from '../pipelines/pipeline-definition';

/*
 * What the decorators store on classes and methods; nothing else reads or writes it. The keys are constant strings, so
 * that two installed copies of the library see each other's decorators.
 */

export const PROCESSOR_METADATA = 'job-queue:processor';
export const PROCESS_METADATA = 'job-queue:process';
export const ON_JOB_METADATA = 'job-queue:on-job';

export interface ProcessorMetadata extends NamedPipeline {
  readonly queue: string;
  readonly options: HandlerOptions;
}

export interface ProcessMetadata extends NamedPipeline {
  readonly options: ProcessSettings;
}

export interface OnJobMetadata {
  readonly event: JobEventName;
  /** Undefined: the pipelines of the class. */
  readonly pipelines?: readonly string[];
}

/** A class with a constructor; `Reflect` and Nest call it a type. */
export type Class = abstract new (...args: never[]) => object;

/** The keys of Nest's own decorators, unchanged since their first versions. */
const FILTER_METADATA = '__exceptionFilters__';
const ENHANCER_METADATA = ['__guards__', '__interceptors__', '__pipes__', FILTER_METADATA];
export const PARAMETER_METADATA = '__routeArguments__';

export function processorOf(type: Class): ProcessorMetadata | undefined {
  return Reflect.getMetadata(PROCESSOR_METADATA, type) as ProcessorMetadata | undefined;
}

export function processesOf(method: object): readonly ProcessMetadata[] {
  return (Reflect.getMetadata(PROCESS_METADATA, method) ?? []) as readonly ProcessMetadata[];
}

export function onJobsOf(method: object): readonly OnJobMetadata[] {
  return (Reflect.getMetadata(ON_JOB_METADATA, method) ?? []) as readonly OnJobMetadata[];
}

/** Whether the class or the method has exception filters. */
export function hasFilters(type: Class, method: object): boolean {
  return Reflect.hasMetadata(FILTER_METADATA, type) || Reflect.hasMetadata(FILTER_METADATA, method);
}

/** Whether Nest has to run anything before or after the method, or to make its parameters. */
export function isEnhanced(type: Class, name: string, method: object): boolean {
  return enhancersOf(type, method).length > 0 || Reflect.hasMetadata(PARAMETER_METADATA, type, name);
}

/** The guards, interceptors, pipes and filters of the class and of the method: classes or instances. */
export function enhancersOf(type: Class, method: object): readonly unknown[] {
  return ENHANCER_METADATA.flatMap((key) =>
    [type, method].flatMap((target) => (Reflect.getMetadata(key, target) ?? []) as readonly unknown[]),
  );
}

/** Adds to a list on the method, so that a decorator may stand there more than once. */
export function addMethodMetadata<T>(key: string, value: T): MethodDecorator {
  return (_target, _name, descriptor: PropertyDescriptor) => {
    const method = descriptor.value as object;
    const before = (Reflect.getOwnMetadata(key, method) ?? []) as readonly T[];
    Reflect.defineMetadata(key, [value, ...before], method);
  };
}

/**
 * The methods of a class, inherited ones included, overridden ones once. Reads descriptors, so that no getter runs.
 */
export function methodsOf(type: Class): Map<string, (...args: unknown[]) => unknown> {
  const methods = new Map<string, (...args: unknown[]) => unknown>();
  const seen = new Set(['constructor']);
  for (
    let level = type.prototype as object | null;
    level;
    level = Object.getPrototypeOf(level) as object | null
  ) {
    if (level === Object.prototype) break;
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (!seen.has(name) && typeof value === 'function') {
        methods.set(name, value as (...args: unknown[]) => unknown);
      }
      seen.add(name);
    }
  }
  return methods;
}
