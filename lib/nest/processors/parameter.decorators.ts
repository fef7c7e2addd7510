import { createParamDecorator, type PipeTransform, type Type } from '@nestjs/common';
import type { JobId as Id } from '../../core/contract/job-data';
import type { Job } from '../../core/policy/job';
import { type Class, PARAMETER_METADATA } from './job-queue.metadata';

/** Pipes as Nest's decorators take them. */
type Pipe = Type<PipeTransform> | PipeTransform;

/**
 * Nest's kind of a parameter that is a request's body, and a message's payload in its microservices: pipes are told
 * `body`, and its ValidationPipe checks such parameters.
 */
export const PAYLOAD_PARAMETER = 3;

/** The job's payload, or one property of it, through these pipes. */
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

/** As a decorator, the id of the job; as a type, what ids are. */
export const JobId = parameter((job) => job.id);
export type JobId = Id;

/** Which start of a handler for the job it is, counted from 1. */
export const Attempt = parameter((job) => job.attempt);

/** The job's `AbortSignal`. */
export const Signal = parameter((job) => job.signal);

/** The whole job, beside the other decorators. Without any, a handler gets it as its one parameter. */
export const CurrentJob = parameter((job) => job);

function parameter(valueOf: (job: Job) => unknown): (...pipes: Pipe[]) => ParameterDecorator {
  const decorator = createParamDecorator((_data: unknown, context) => valueOf(context.getArgByIndex<Job>(0)));
  return (...pipes) => decorator(...pipes);
}
