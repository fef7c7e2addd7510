import { types } from 'node:util';
import { errorNameOf, kindOf, shown } from '../checks/text';

/*
 * Finds what JSON would change in a payload without a word, and where. The path is built only when there is a problem,
 * on the way back, because `lossOf` runs for every value of every job.
 */

/**
 * The value as JSON, when nothing is lost. `refuse` throws the error for a problem, which says where in the value it is:
 * `payload.items[0] is NaN, which JSON turns into null`.
 */
export function losslessJson(
  value: unknown,
  name: string,
  refuse: (problem: string, options?: ErrorOptions) => never,
): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    // Thrown by a toJSON() or a getter of the application, its message may hold what was to be stored.
    const problem = refusalOf(value) ?? ` cannot be turned into JSON (${errorNameOf(error)})`;
    return refuse(at(name, problem), { cause: error });
  }
  if (text === undefined) return refuse(`JSON has no ${typeof value}`);
  const problem = lossOf(value);
  return problem === undefined ? text : refuse(at(name, problem));
}

const LONGEST_PROBLEM = 500;

/** Where in the value; only the end of a long path. */
function at(name: string, problem: string): string {
  return problem.length <= LONGEST_PROBLEM
    ? `${name}${problem}`
    : `${name}…${problem.slice(-LONGEST_PROBLEM)}`;
}

/** What JSON loses of the value; undefined when nothing. Takes only values that JSON.stringify has accepted: no cycle, not too deep. */
export function lossOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? undefined : ` is ${value}, which JSON turns into null`;
    case 'function':
    case 'symbol':
      return ` is a ${typeof value}, which JSON drops`;
    case 'object':
      return value === null ? undefined : lossOfObject(value);
    default:
      return undefined;
  }
}

/** Why JSON.stringify has refused the value; undefined when no reason is found. */
export function refusalOf(value: unknown, within: readonly object[] = []): string | undefined {
  if (typeof value === 'bigint') return ' is a bigint, which JSON does not hold';
  if (typeof value !== 'object' || value === null) return undefined;
  if (within.includes(value)) return ' is a cycle: the object that it is in';
  if (within.length === DEEPEST_LOOK) return undefined;
  try {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') return refusalOfToJson(value, toJSON);
    for (const key of Object.keys(value)) {
      const problem = refusalOf((value as Record<string, unknown>)[key], [...within, value]);
      if (problem !== undefined) return `${step(value, key)}${problem}`;
    }
    return undefined;
  } catch (error) {
    return ` cannot be read (${errorNameOf(error)})`;
  }
}

const DEEPEST_LOOK = 200;

function refusalOfToJson(value: object, toJSON: unknown): string | undefined {
  try {
    return refusalOf((toJSON as () => unknown).call(value), [value]);
  } catch (error) {
    return ` is ${kindOf(value)} whose toJSON() throws (${errorNameOf(error)})`;
  }
}

function lossOfObject(value: object): string | undefined {
  if (Array.isArray(value)) return lossOfElement(value);
  // Nearly all objects are plain ones, and need no further check.
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    if (hidesItsContent(value)) return ` is ${kindOf(value)}, which JSON does not hold`;
    if (types.isDate(value)) {
      return Number.isNaN(value.getTime()) ? ' is an invalid Date, which JSON turns into null' : undefined;
    }
  }
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === 'function' ? lossOfToJson(value, toJSON) : lossOfProperty(value);
}

/** JSON does not call toJSON() on its result. */
function lossOfToJson(value: object, toJSON: unknown): string | undefined {
  const result = (toJSON as () => unknown).call(value);
  if (typeof result !== 'object' || result === null) return lossOf(result);
  return Array.isArray(result) ? lossOfElement(result) : lossOfProperty(result);
}

function lossOfProperty(value: object): string | undefined {
  for (const key of Object.keys(value)) {
    const problem = lossOf((value as Record<string, unknown>)[key]);
    if (problem !== undefined) return `${step(value, key)}${problem}`;
  }
  return undefined;
}

function lossOfElement(elements: readonly unknown[]): string | undefined {
  for (let index = 0; index < elements.length; index += 1) {
    const element = elements[index];
    const problem = element === undefined ? ' is undefined, which JSON turns into null' : lossOf(element);
    if (problem !== undefined) return `[${index}]${problem}`;
  }
  return undefined;
}

/**
 * Whether JSON would turn the object into `{}`, into index keys, or into what its class prefers for a log, because its
 * content is not in own properties.
 */
function hidesItsContent(value: object): boolean {
  return (
    HIDING.some((is) => types[is](value)) ||
    ArrayBuffer.isView(value) ||
    // A class of the platform such as FormData or Headers, with nothing for JSON to read.
    (Symbol.toStringTag in value &&
      Object.keys(value).length === 0 &&
      typeof (value as { toJSON?: unknown }).toJSON !== 'function')
  );
}

const HIDING = [
  ...(['isMap', 'isSet', 'isWeakMap', 'isWeakSet', 'isPromise', 'isRegExp', 'isNativeError'] as const),
  ...(['isAnyArrayBuffer', 'isBoxedPrimitive', 'isGeneratorObject'] as const),
];

function step(parent: object, key: string): string {
  if (Array.isArray(parent)) return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]{0,59}$/u.test(key) ? `.${key}` : `[${shown(key)}]`;
}
