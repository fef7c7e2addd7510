import type { JobSnapshot } from '../contract/job-data';
import type { PayloadCodec } from '../payload/payload-codec';
import type { StandardSchema } from '../payload/payload-schema';
import { type PayloadReading, readChecked } from './payload-reading';

/** A job that has not ended, as a reader finds it. Reading changes nothing. */
export type FoundJob<P = unknown> = Omit<JobSnapshot, 'payload' | 'garbled'> & PayloadReading<P>;

export async function foundJob(
  snapshot: JobSnapshot,
  codec: PayloadCodec,
  schema?: StandardSchema,
): Promise<FoundJob> {
  const { payload, garbled, ...rest } = snapshot;
  return { ...rest, ...(await readChecked({ payload, ...(garbled && { garbled }) }, codec, schema)) };
}
