import { MissingPackageError } from '../../core/contract/errors';
import type { SchemaIssue, StandardSchema } from '../../core/payload/payload-schema';

/** A class whose properties have the decorators of class-validator. */
export type Dto<T extends object = object> = new () => T;

/** The part of class-transformer and class-validator that is used; the application installs both. */
interface Packages {
  readonly plainToInstance: (type: Dto, plain: unknown) => object;
  readonly validate: (instance: object, options: object) => Promise<PropertyError[]>;
}

interface PropertyError {
  readonly property: string;
  readonly constraints?: Readonly<Record<string, string>>;
  readonly children?: readonly PropertyError[];
}

/** The schema of such a class: payloads become instances of it, without properties that it does not know. */
export function dtoSchema<T extends object>(type: Dto<T>): StandardSchema<T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'class-validator',
      async validate(value) {
        const { plainToInstance, validate } = await packages();
        if (typeof value !== 'object' || value === null || Array.isArray(value)) {
          return { issues: [{ message: `must be an object, as ${type.name} is` }] };
        }
        const instance = plainToInstance(type, value);
        const errors = await validate(instance, { whitelist: true, forbidNonWhitelisted: true });
        return errors.length === 0 ? { value: instance as T } : { issues: issuesOf(errors, []) };
      },
    },
  };
}

function issuesOf(errors: readonly PropertyError[], path: readonly string[]): SchemaIssue[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    // A class without any decorator has no property to name.
    const own = (property as string | undefined) === undefined ? path : [...path, property];
    return [
      ...Object.values(constraints).map((message) => ({ message, path: own })),
      ...issuesOf(children, own),
    ];
  });
}

async function packages(): Promise<Packages> {
  const [{ plainToInstance }, { validate }] = (await Promise.all([
    load('class-transformer', import('class-transformer')),
    load('class-validator', import('class-validator')),
  ])) as unknown as [Pick<Packages, 'plainToInstance'>, Pick<Packages, 'validate'>];
  return { plainToInstance, validate };
}

async function load(name: string, loading: Promise<unknown>): Promise<unknown> {
  try {
    return await loading;
  } catch (error) {
    throw new MissingPackageError(name, 'A class as the schema of a pipeline', { cause: error });
  }
}
