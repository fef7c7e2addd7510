import { errorNameOf, shown } from '../checks/text';
import {
  InvalidPayloadError,
  JobQueueError,
  PayloadTooLargeError,
  UndecodablePayloadError,
} from '../contract/errors';
import type { StoredJob } from '../contract/job-data';
import { losslessJson } from './json-loss';

/** Turns payloads into the text that is stored, and back. */
export interface PayloadCodec {
  /** @throws {InvalidPayloadError} when the value would not come back as it was */
  encode(payload: unknown): string;
  /** @throws {UndecodablePayloadError} when the text cannot be read */
  decode(text: string): unknown;
}

/**
 * The payload that a job's text stands for.
 *
 * @throws {UndecodablePayloadError}
 */
export function decodedPayload(job: Pick<StoredJob, 'payload' | 'garbled'>, codec: PayloadCodec): unknown {
  if (job.garbled) throw new UndecodablePayloadError('its bytes are not UTF-8');
  return codec.decode(job.payload);
}

/**
 * The default codec: JSON without an envelope. It refuses what JSON would change without a word. Properties that are
 * undefined, not enumerable or named by a symbol are left out, and -0 becomes 0.
 */
export const jsonCodec: PayloadCodec = {
  encode(payload) {
    return losslessJson(payload, 'payload', (problem, options) => {
      throw new InvalidPayloadError(problem, options);
    });
  },
  decode(text) {
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw new UndecodablePayloadError('it is not JSON', { cause: error });
    }
  },
};

/** Wraps a codec of the application: whatever it throws, or returns in place of a text, becomes one of our errors. */
export function strictCodec(codec: PayloadCodec): PayloadCodec {
  return {
    encode(payload) {
      let text: unknown;
      try {
        text = codec.encode(payload);
      } catch (error) {
        if (error instanceof JobQueueError) throw error;
        // Its message may hold the payload, so it is only the cause, and in no log.
        throw new InvalidPayloadError(`the codec failed with ${errorNameOf(error)}`, { cause: error });
      }
      if (typeof text === 'string') return text;
      throw new InvalidPayloadError(`the codec returned ${shown(text)} in place of a text`);
    },
    decode(text) {
      try {
        return codec.decode(text);
      } catch (error) {
        if (error instanceof JobQueueError) throw error;
        throw new UndecodablePayloadError(`the codec failed with ${errorNameOf(error)}`, { cause: error });
      }
    },
  };
}

/** Wraps a codec so that it also refuses texts of more than `limit` bytes of UTF-8. */
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
