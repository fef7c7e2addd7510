import { types } from 'node:util';
import {
  InvalidPayloadError,
  JobQueueError,
  PayloadTooLargeError,
  UndecodablePayloadError,
} from '../contract/errors';

/** Turns what the producer sends into the text that is stored, and back. */
export interface PayloadCodec {
  /** Throws `InvalidPayloadError` when the value would not come back as it was. */
  encode(payload: unknown): string;
  /** Throws `UndecodablePayloadError`. */
  decode(text: string): unknown;
}

/** JSON without an envelope. What JSON would drop or change in silence is refused, but for absent properties. */
export const jsonCodec: PayloadCodec = {
  encode(payload) {
    let text: string | undefined;
    try {
      text = JSON.stringify(payload);
    } catch (error) {
      throw new InvalidPayloadError(`JSON cannot hold it (${firstLine(error)})`, { cause: error });
    }
    if (text === undefined) throw new InvalidPayloadError(`JSON has no ${typeof payload}`);
    const problem = changedByJson(payload);
    if (problem !== undefined) throw new InvalidPayloadError(`payload${problem}`);
    return text;
  },
  decode(text) {
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw new UndecodablePayloadError('it is no JSON text', { cause: error });
    }
  },
};

/** A codec of the application's: whatever it throws, and what it answers instead of a text, becomes one of our errors. */
export function strictCodec(codec: PayloadCodec): PayloadCodec {
  return {
    encode(payload) {
      let text: unknown;
      try {
        text = codec.encode(payload);
      } catch (error) {
        if (error instanceof JobQueueError) throw error;
        throw new InvalidPayloadError(`the codec cannot encode it (${firstLine(error)})`, { cause: error });
      }
      if (typeof text === 'string') return text;
      throw new InvalidPayloadError(`the codec has answered ${describe(text)} where a text has to be`);
    },
    decode(text) {
      try {
        return codec.decode(text);
      } catch (error) {
        if (error instanceof JobQueueError) throw error;
        throw new UndecodablePayloadError(`the codec says ${firstLine(error)}`, { cause: error });
      }
    },
  };
}

/** A codec that also refuses texts of more than `limit` bytes of UTF-8. */
export function limitedCodec(codec: PayloadCodec, limit: number): PayloadCodec {
  return {
    encode(payload) {
      const text = codec.encode(payload);
      const bytes = Buffer.byteLength(text);
      if (bytes > limit) throw new PayloadTooLargeError(bytes, limit, 'the option maxPayloadBytes');
      return text;
    },
    decode: (text) => codec.decode(text),
  };
}

/**
 * What JSON would change in the value, and where; undefined: nothing. Runs after JSON.stringify has succeeded, so
 * there is no cycle and the depth fits the stack. The path is put together on the way back, for a problem alone:
 * this runs for every value of every job.
 */
function changedByJson(value: unknown): string | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? undefined : ` is ${value}, which JSON turns into null`;
    case 'function':
    case 'symbol':
      return ` is a ${typeof value}, which JSON drops`;
    case 'object':
      return value === null ? undefined : changedInside(value);
    default:
      return undefined;
  }
}

function changedInside(value: object): string | undefined {
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    return types.isDate(value) && Number.isNaN(value.getTime())
      ? ' is an invalid Date, which JSON turns into null'
      : undefined;
  }
  if (Array.isArray(value)) return changedElement(value);
  // Plain objects are nearly all, and are spared the questions.
  if (Object.getPrototypeOf(value) !== Object.prototype && isLost(value))
    return ` is ${describe(value)}, which JSON does not hold`;
  for (const key of Object.keys(value)) {
    const problem = changedByJson((value as Record<string, unknown>)[key]);
    if (problem !== undefined) return `.${key}${problem}`;
  }
  return undefined;
}

/** Its content does not lie in properties of its own, so that JSON makes {} of it, or an object of numbers. */
function isLost(value: object): boolean {
  return LOST.some((is) => types[is](value)) || ArrayBuffer.isView(value);
}

const LOST = [
  ...(['isMap', 'isSet', 'isWeakMap', 'isWeakSet', 'isPromise', 'isRegExp'] as const),
  ...(['isNativeError', 'isAnyArrayBuffer'] as const),
];

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return `a ${(value.constructor as { name?: string } | undefined)?.name ?? 'object'}`;
}

function changedElement(elements: readonly unknown[]): string | undefined {
  for (let index = 0; index < elements.length; index += 1) {
    const element = elements[index];
    const problem =
      element === undefined ? ' is undefined, which JSON turns into null' : changedByJson(element);
    if (problem !== undefined) return `[${index}]${problem}`;
  }
  return undefined;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
