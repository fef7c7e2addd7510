import { createParamDecorator, type PipeTransform, type Type } from '@nestjs/common';
import type { JobId as Id } from '../../core/contract/job-data';
import type { Job } from '../../core/policy/job';
import { type Class, PARAMETER_METADATA } from './job-queue.metadata';

/** Pipes as Nest's decorators take them. */
type Pipe = Type<PipeTransform> | PipeTransform;

/**
 * Nest's kind of parameter for the body of a request, and for the payload of a message in microservices: pipes see
 * `body`, and the ValidationPipe checks such parameters.
 */
export const PAYLOAD_PARAMETER = 3;

/**
 * The job's payload, or one property of it, through these pipes.
 *
 * @example
 * greet(@Payload('name') name: string, @Attempt() attempt: number) {}
 */
export function Payload(...pipes: Pipe[]): ParameterDecorator;
export function Payload(property: string, ...pipes: Pipe[]): ParameterDecorator;
export function Payload(first?: string | Pipe, ...rest: Pipe[]): ParameterDecorator {
  const property = typeof first === 'string' ? first : undefined;
  const pipes = first === undefined || typeof first === 'string' ? rest : [first, ...rest];
  return (target, method, index) => {
    if (method === undefined) throw new TypeError('@Payload() belongs to a parameter of a method');
    const type = target.constructor as Class;
    const others = (Reflect.getMetadata(PARAMETER_METADATA, type, method) ?? {}) as object;
    const own = { [`${PAYLOAD_PARAMETER}:${index}`]: { index, data: property, pipes } };
    Reflect.defineMetadata(PARAMETER_METADATA, { ...others, ...own }, type, method);
  };
}

/** As a decorator, the id of the job; as a type, the type of ids. */
export const JobId = parameter((job) => job.id);
export type JobId = Id;

/** The number of this attempt, counted from 1. */
export const Attempt = parameter((job) => job.attempt);

/** The job's `AbortSignal`. */
export const Signal = parameter((job) => job.signal);

/** The whole job, for handlers with other decorators. A handler without decorators gets the job as its one parameter. */
export const CurrentJob = parameter((job) => job);

function parameter(valueOf: (job: Job) => unknown): (...pipes: Pipe[]) => ParameterDecorator {
  const decorator = createParamDecorator((_data: unknown, context) => valueOf(context.getArgByIndex<Job>(0)));
  return (...pipes) => decorator(...pipes);
}
