import { errorNameOf, shown } from '../checks/text';
import {
  InvalidPayloadError,
  JobQueueError,
  PayloadTooLargeError,
  UndecodablePayloadError,
} from '../contract/errors';
import type { StoredJob } from '../contract/job-data';
import { lossOf, refusalOf } from './json-loss';

/** Turns what the producer sends into the text that is stored, and back. */
export interface PayloadCodec {
  /** Throws `InvalidPayloadError` when the value would not come back as it was. */
  encode(payload: unknown): string;
  /** Throws `UndecodablePayloadError`. */
  decode(text: string): unknown;
}

/** What a job's payload stands for. Throws `UndecodablePayloadError`. */
export function decodedPayload(job: Pick<StoredJob, 'payload' | 'garbled'>, codec: PayloadCodec): unknown {
  if (job.garbled) throw new UndecodablePayloadError('its bytes are no text in UTF-8');
  return codec.decode(job.payload);
}

/**
 * JSON without an envelope. What JSON would change in silence is refused. Left out are properties that are undefined
 * or not enumerable, and those named by a symbol; -0 becomes 0.
 */
export const jsonCodec: PayloadCodec = {
  encode(payload) {
    let text: string | undefined;
    try {
      text = JSON.stringify(payload);
    } catch (error) {
      // Its message may hold the payload, when it comes from a toJSON() or a getter of the application's.
      const problem = refusalOf(payload) ?? ` cannot be turned into JSON (${errorNameOf(error)})`;
      throw new InvalidPayloadError(at(problem), { cause: error });
    }
    if (text === undefined) throw new InvalidPayloadError(`JSON has no ${typeof payload}`);
    const problem = lossOf(payload);
    if (problem !== undefined) throw new InvalidPayloadError(at(problem));
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

/** Where in the payload; of a long path the end. */
function at(problem: string): string {
  return problem.length <= LONGEST_PROBLEM
    ? `payload${problem}`
    : `payload…${problem.slice(-LONGEST_PROBLEM)}`;
}

const LONGEST_PROBLEM = 500;

/** A codec of the application's: whatever it throws, and what it returns in place of a text, becomes one of our errors. */
export function strictCodec(codec: PayloadCodec): PayloadCodec {
  return {
    encode(payload) {
      let text: unknown;
      try {
        text = codec.encode(payload);
      } catch (error) {
        if (error instanceof JobQueueError) throw error;
        // Its message may hold the payload: it is the cause, and stands in no log.
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
