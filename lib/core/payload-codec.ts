import { InvalidPayloadError, PayloadTooLargeError, UndecodablePayloadError } from './errors';

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
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return undefined;
  if (value instanceof Map || value instanceof Set) {
    return ` is a ${value.constructor.name}, which JSON turns into {}`;
  }
  if (Array.isArray(value)) return changedElement(value);
  for (const key of Object.keys(value)) {
    const problem = changedByJson((value as Record<string, unknown>)[key]);
    if (problem !== undefined) return `.${key}${problem}`;
  }
  return undefined;
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
