import { read } from './text';

/**
 * Lets `instanceof` hold across two installed copies of the package, for instance an application's and a library's:
 * each copy has its own classes, but a symbol of the process's registry is the same in both. Subclasses in the
 * application compare as usual.
 */
export function branded(name: string, type: abstract new (...args: never[]) => object): void {
  const mark = Symbol.for(`nestjs-simple-job-queue/${name}`);
  Object.defineProperty(type.prototype, mark, { value: true });
  Object.defineProperty(type, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      return this === type ? read(value, mark) === true : ordinary.call(this, value);
    },
  });
}

const ordinary = Function.prototype[Symbol.hasInstance] as (this: unknown, value: unknown) => boolean;

/** As `instanceof`, which throws for a proxy that was revoked. */
export function isInstance<T>(value: unknown, type: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}
