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
    refuseWhatJsonChanges(payload, 'payload');
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

// Runs after JSON.stringify has succeeded, so there is no cycle and the depth fits the stack.
function refuseWhatJsonChanges(value: unknown, path: string): void {
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value))
        throw new InvalidPayloadError(`${path} is ${value}, which JSON turns into null`);
      return;
    case 'function':
    case 'symbol':
      throw new InvalidPayloadError(`${path} is a ${typeof value}, which JSON drops`);
    case 'object':
      if (value === null || typeof (value as { toJSON?: unknown }).toJSON === 'function') return;
      if (value instanceof Map || value instanceof Set) {
        throw new InvalidPayloadError(`${path} is a ${value.constructor.name}, which JSON turns into {}`);
      }
      if (Array.isArray(value))
        value.forEach((element, index) => refuseElement(element, `${path}[${index}]`));
      else
        for (const key of Object.keys(value))
          refuseWhatJsonChanges((value as Record<string, unknown>)[key], `${path}.${key}`);
      return;
    default:
      return;
  }
}

function refuseElement(element: unknown, path: string): void {
  if (element === undefined)
    throw new InvalidPayloadError(`${path} is undefined, which JSON turns into null`);
  refuseWhatJsonChanges(element, path);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
