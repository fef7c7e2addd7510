import {
  InvalidPayloadError,
  InvalidResultError,
  PayloadTooLargeError,
  UndecodablePayloadError,
} from '../contract/errors';
import type { JobId } from '../contract/job-data';
import type { PayloadCodec } from '../payload/payload-codec';

/** Results of several jobs travel in one statement. */
export const MOST_RESULT_BYTES = 1_048_576;

/**
 * The text of what a handler returned, by a codec that refuses texts that are too long; undefined where that was nothing.
 *
 * @throws {InvalidResultError} when it cannot be kept as it is
 */
export function resultText(id: JobId, result: unknown, codec: PayloadCodec): string | undefined {
  if (result === undefined) return undefined;
  try {
    return codec.encode(result);
  } catch (error) {
    throw new InvalidResultError(id, `is not kept: ${problemOf(error)}`, { cause: error });
  }
}

/**
 * What the handler returned whose result has that text.
 *
 * @throws {InvalidResultError} when the codec cannot read it
 */
export function decodedResult(id: JobId, text: string, codec: PayloadCodec): unknown {
  try {
    return codec.decode(text);
  } catch (error) {
    const problem = error instanceof UndecodablePayloadError ? error.problem : 'the codec does not take it';
    throw new InvalidResultError(id, `cannot be decoded: ${problem}`, { cause: error });
  }
}

function problemOf(error: unknown): string {
  if (error instanceof PayloadTooLargeError)
    return `it has ${error.bytes} bytes, and ${error.limit} are the most`;
  if (error instanceof InvalidPayloadError) return error.problem.replace(/^payload/, 'result');
  return 'the codec does not take it';
}
