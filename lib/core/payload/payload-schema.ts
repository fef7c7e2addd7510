import { errorNameOf } from '../checks/text';
import { InvalidPayloadError, JobQueueError, type PayloadIssue } from '../contract/errors';

/** The part of Standard Schema 1 (standardschema.dev) that the queue uses; zod, valibot, arktype and others implement it. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * What a schema makes of a payload.
 *
 * @throws {InvalidPayloadError} with the schema's issues
 */
export async function checkedPayload(schema: StandardSchema, payload: unknown): Promise<unknown> {
  const result = await validated(schema, payload);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(issueOf);
  const problem = issues
    .map(({ path, message }) => `${path === '' ? 'payload' : path}: ${message}`)
    .join('; ');
  throw new InvalidPayloadError(`its schema says ${problem}`, { issues });
}

async function validated(schema: StandardSchema, payload: unknown): Promise<SchemaResult<unknown>> {
  try {
    return await schema['~standard'].validate(payload);
  } catch (error) {
    // One of our own errors: a package is missing.
    if (error instanceof JobQueueError) throw error;
    // Its message may hold the payload.
    throw new InvalidPayloadError(`its schema has failed with ${errorNameOf(error)}`, { cause: error });
  }
}

function issueOf({ message, path = [] }: SchemaIssue): PayloadIssue {
  const keys = path.map((part) => (typeof part === 'object' ? part.key : part));
  return { path: keys.map(String).join('.'), message };
}
