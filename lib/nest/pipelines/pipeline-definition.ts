import { branded } from '../../core/checks/brand';
import { checkedOptions } from '../../core/checks/options';
import { read } from '../../core/checks/text';
import { InvalidConfigurationError, shown } from '../../core/contract/errors';
import { checkedPipelineName } from '../../core/contract/pipeline-name';
import type { StandardSchema } from '../../core/payload/payload-schema';
import type { Job } from '../../core/policy/job';
import { type Dto, dtoSchema } from './dto-schema';

/**
 * A pipeline's name with the type of its payloads: what `addJob` takes and what a handler gets. Accepted wherever a
 * pipeline is named.
 */
export class PipelineDefinition<Payload = unknown, Input = Payload> {
  readonly name: string;
  readonly schema: StandardSchema | undefined;
  /** Exist only for the compiler. */
  declare readonly payload: Payload;
  declare readonly input: Input;

  constructor(name: string, schema?: StandardSchema) {
    this.name = checkedPipelineName(name);
    this.schema = schema;
  }
}

branded('PipelineDefinition', PipelineDefinition);

/**
 * Ties a payload type to a pipeline: `addJob` takes no other payload, and `@Process()` no method for another one.
 *
 * With a schema (any of Standard Schema, or a class with the decorators of class-validator), `addJob` rejects with
 * `InvalidPayloadError` what the schema refuses. A worker buries such a job of another program with the schema's
 * issues. The payload is stored as it was passed; the handler gets what the schema makes of it.
 *
 * @throws {InvalidPipelineNameError} for a name outside the rule
 * @throws {InvalidConfigurationError} for a schema that is none
 * @example
 * export const emails = definePipeline<{ to: string }>('send_emails');
 * await queue.addJob(emails, { to: 'ada@example.org' });
 */
export function definePipeline<T>(name: string): PipelineDefinition<T>;
export function definePipeline<Input, Output>(
  name: string,
  options: { readonly schema: StandardSchema<Input, Output> },
): PipelineDefinition<Output, Input>;
export function definePipeline<T extends object>(
  name: string,
  options: { readonly schema: Dto<T> },
): PipelineDefinition<T>;
export function definePipeline(
  name: string,
  options: { readonly schema?: StandardSchema | Dto } = {},
): PipelineDefinition {
  const { schema } = checkedOptions(options, { schema: true });
  return new PipelineDefinition(name, schema === undefined ? undefined : checkedSchema(name, schema));
}

/** The job that a handler of the pipeline gets: `JobOf<typeof emails>`. */
export type JobOf<P extends PipelineDefinition> = Job<P['payload']>;

/** Whether a decorator was passed a pipeline and not an object of options. */
export function isPipeline(target: unknown): target is string | PipelineDefinition {
  return typeof target === 'string' || target instanceof PipelineDefinition;
}

/** The name as it was passed; it may be invalid. */
export function nameOf(pipeline: string | PipelineDefinition): string {
  return pipeline instanceof PipelineDefinition ? pipeline.name : pipeline;
}

export function schemaOf(pipeline: string | PipelineDefinition): StandardSchema | undefined {
  return pipeline instanceof PipelineDefinition ? pipeline.schema : undefined;
}

/** That of a unique key's handle, where it has one. */
export function definitionOf(job: unknown): PipelineDefinition | undefined {
  const pipeline = read(job, 'pipeline');
  return pipeline instanceof PipelineDefinition ? pipeline : undefined;
}

/** What a decorator keeps of the pipeline that it was passed. */
export interface NamedPipeline {
  readonly pipeline?: string;
  readonly schema?: StandardSchema;
}

export function named(pipeline: string | PipelineDefinition | undefined): NamedPipeline {
  if (pipeline === undefined) return {};
  const schema = schemaOf(pipeline);
  return { pipeline: nameOf(pipeline), ...(schema && { schema }) };
}

function checkedSchema(pipeline: string, schema: StandardSchema | Dto): StandardSchema {
  // It may be a function too, as arktype's schemas are.
  if (typeof read(read(schema, '~standard'), 'validate') === 'function') return schema as StandardSchema;
  if (typeof schema === 'function' && typeof read(schema, 'prototype') === 'object') return dtoSchema(schema);
  throw new InvalidConfigurationError(
    `The schema of the pipeline ${pipeline} is ${shown(schema)}: use one of Standard Schema (zod, valibot, arktype), or a class of class-validator.`,
  );
}
