import { types } from 'node:util';

/*
 * Any value as text: what code throws, or passes as an argument. These functions return for every value: a proxy whose
 * traps throw, a getter that throws, a null prototype, a cycle, a text of a gigabyte. An object is only named, never
 * shown, because it may hold a payload or a password.
 */

const LONGEST_VALUE = 60;
const LONGEST_LINE = 1000;
/** In UTF-16 units of at most three bytes each, so that the text always fits into MySQL's TEXT, 64 KiB. */
const LONGEST_REASON = 20_000;
/** Printing a longer number takes time that grows with the square of its length. */
const BITS_OF_A_SHOWN_BIGINT = 128;
const CLASS_NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]{0,59}$/u;

/** A value for a message: short, on one line. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return cut(JSON.stringify(cut(value, LONGEST_VALUE)), LONGEST_VALUE);
    case 'bigint':
      return BigInt.asIntN(BITS_OF_A_SHOWN_BIGINT, value) === value ? `${value}n` : 'a very long bigint';
    case 'symbol':
      return cut(oneLine(String(value)), LONGEST_VALUE);
    case 'function':
      return 'a function';
    case 'object':
      return value === null ? 'null' : kindOf(value);
    default:
      return String(value);
  }
}

/** What kind of object it is: `an array`, `a Map`, `an object`. */
export function kindOf(value: object): string {
  if (types.isDate(value) && Number.isNaN(Date.prototype.getTime.call(value))) return 'an invalid Date';
  const name = attempt(() => classOf(value));
  if (name === undefined || name === 'Object') return 'an object';
  if (name === 'Array') return 'an array';
  return `${/^[aeio]/i.test(name) ? 'an' : 'a'} ${name}`;
}

/** The message of an error, on one line; `shown()` of anything else that was thrown. */
export function messageOf(problem: unknown): string {
  const message = typeof problem === 'string' ? problem : textAt(problem, 'message');
  if (message === undefined) return shown(problem);
  return oneLine(message) || errorNameOf(problem);
}

/** What was thrown, on one line: an error's name and message, or the first line of a text. */
export function lineOf(problem: unknown): string {
  if (typeof problem === 'string') return oneLine(problem);
  const message = textAt(problem, 'message');
  return message === undefined
    ? shown(problem)
    : oneLine(`${textAt(problem, 'name') ?? 'Error'}: ${message}`);
}

/** The class of an error, for places where its message would show too much. */
export function errorNameOf(problem: unknown): string {
  if (typeof problem !== 'object' || problem === null) return shown(problem);
  return attempt(() => classOf(problem)) ?? 'an error';
}

/** An error's stack where it has one, for a log. */
export function stackOf(problem: unknown): string | undefined {
  const stack = textAt(problem, 'stack');
  return stack === undefined || stack === '' ? undefined : cut(stack, LONGEST_REASON);
}

/** An error as it is stored with a buried job: name, message and stack; the first line says the most. */
export function detailsOf(problem: unknown): string {
  // A stack need not be text: applications replace Error.prepareStackTrace.
  const stack = stackOf(problem);
  if (stack !== undefined) return stack;
  const message = textAt(problem, 'message');
  if (message === undefined)
    return asReason(`thrown: ${typeof problem === 'string' ? problem : shown(problem)}`);
  return asReason(`${textAt(problem, 'name') ?? 'Error'}: ${message}`);
}

/** Cuts a text to the length that every backend can keep. */
export function asReason(text: string): string {
  return cut(text, LONGEST_REASON);
}

/** Cuts a text so that its UTF-8 has so many bytes at most. */
export function cutToBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  // The last character may be cut in two.
  const head = Buffer.from(text).subarray(0, most - 3);
  return `${head.toString().replace(/\ufffd$/, '')}…`;
}

/** The value of a property; undefined when it cannot be read. */
export function read(value: unknown, property: PropertyKey): unknown {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return undefined;
  return attempt(() => (value as Record<PropertyKey, unknown>)[property]);
}

function textAt(value: unknown, property: string): string | undefined {
  const text = read(value, property);
  return typeof text === 'string' ? text : undefined;
}

function classOf(value: object): string | undefined {
  if (types.isProxy(value)) return undefined;
  const prototype = Object.getPrototypeOf(value) as object | null;
  const name = read(read(prototype, 'constructor'), 'name');
  return typeof name === 'string' && CLASS_NAME.test(name) ? name : undefined;
}

function oneLine(text: string): string {
  return cut(text.slice(0, LONGEST_LINE + 1).split(/[\r\n]/, 1)[0] ?? '', LONGEST_LINE);
}

/** A text of at most so many UTF-16 units. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // Not in the middle of a surrogate pair: a database refuses half of one.
  const end = /[\uD800-\uDBFF]$/.test(text.slice(0, most - 1)) ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
