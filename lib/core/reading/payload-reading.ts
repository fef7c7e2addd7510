import type { JobQueueError } from '../contract/errors';
import type { StoredJob } from '../contract/job-data';
import { decodedPayload, type PayloadCodec } from '../payload/payload-codec';
import { checkedPayload, type StandardSchema } from '../payload/payload-schema';

/**
 * A stored payload as a reader gets it. One that cannot be read is `undefined`, and `unreadable` says why: nobody who
 * reads jobs is stopped by one of them.
 *
 * @example
 * if (job.unreadable) console.log(job.id, job.unreadable.message, job.raw);
 * else console.log(job.id, job.payload);
 */
export type PayloadReading<P = unknown> = (
  | { readonly payload: P; readonly unreadable?: undefined }
  | {
      readonly payload: undefined;
      /** `UndecodablePayloadError`; of a pipeline with a schema that refuses the payload, `InvalidPayloadError`. */
      readonly unreadable: JobQueueError;
    }
) & {
  /** The stored text. Where the stored bytes are not UTF-8, with � in the place of what is none. */
  readonly raw: string;
};

type StoredPayload = Pick<StoredJob, 'payload' | 'garbled'>;

/** What the codec makes of it. */
export function readPayload(job: StoredPayload, codec: PayloadCodec): PayloadReading {
  const raw = job.payload;
  try {
    return { payload: decodedPayload(job, codec), raw };
  } catch (error) {
    return { payload: undefined, unreadable: error as JobQueueError, raw };
  }
}

/** What a handler would get: what the schema, where there is one, makes of what the codec makes of it. */
export async function readChecked(
  job: StoredPayload,
  codec: PayloadCodec,
  schema?: StandardSchema,
): Promise<PayloadReading> {
  const reading = readPayload(job, codec);
  if (!schema || reading.unreadable) return reading;
  const { raw } = reading;
  try {
    return { payload: await checkedPayload(schema, reading.payload), raw };
  } catch (error) {
    return { payload: undefined, unreadable: error as JobQueueError, raw };
  }
}
