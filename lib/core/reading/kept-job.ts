import type { InvalidResultError } from '../contract/errors';
import type { EndedJob } from '../contract/ports/history';
import type { PayloadCodec } from '../payload/payload-codec';
import type { StandardSchema } from '../payload/payload-schema';
import { decodedResult } from '../policy/result';
import { type PayloadReading, readChecked } from './payload-reading';

/** What a handler returned, as a reader gets it. */
export interface ResultReading<R = unknown> {
  /** Absent when that was nothing, and when it cannot be read. */
  readonly result?: R;
  /** The stored text, where there is one. */
  readonly rawResult?: string;
  /** Why a stored result cannot be read. */
  readonly unreadableResult?: InvalidResultError;
}

/** A job that has ended, as it is kept. */
export type KeptJob<P = unknown, R = unknown> = Omit<EndedJob, 'payload' | 'garbled' | 'result'> &
  PayloadReading<P> &
  ResultReading<R>;

export async function keptJob(
  ended: EndedJob,
  codec: PayloadCodec,
  schema?: StandardSchema,
): Promise<KeptJob> {
  const { payload, garbled, result, ...rest } = ended;
  return {
    ...rest,
    ...(await readChecked({ payload, ...(garbled && { garbled }) }, codec, schema)),
    ...(result !== undefined && readResult(ended.id, result, codec)),
  };
}

function readResult(id: string, rawResult: string, codec: PayloadCodec): ResultReading {
  try {
    return { result: decodedResult(id, rawResult, codec), rawResult };
  } catch (error) {
    return { rawResult, unreadableResult: error as InvalidResultError };
  }
}
