import type { Leased } from '../contract/job-data';
import type { PayloadCodec } from '../payload/payload-codec';
import { type PayloadReading, readPayload } from './payload-reading';

/**
 * A job as an `@OnJob()` method hears of it. Its payload is decoded when it is first read; no schema is asked, so it is
 * what was added.
 */
export type EventJob<P = unknown> = Omit<Leased, 'payload' | 'garbled'> & PayloadReading<P>;

export function eventJob(job: Leased, codec: PayloadCodec): EventJob {
  const { id, pipeline, payload: raw, priority, ttr, timeouts, kicks, attempt } = job;
  let reading: PayloadReading | undefined;
  const read = (): PayloadReading => (reading ??= readPayload(job, codec));
  return {
    ...{ id, pipeline, raw, priority, ttr, timeouts, kicks, attempt },
    ...(job.addedAt && { addedAt: job.addedAt }),
    ...(job.retry !== undefined && { retry: job.retry }),
    ...(job.headers !== undefined && { headers: job.headers }),
    get payload() {
      return read().payload;
    },
    get unreadable() {
      return read().unreadable;
    },
  } as EventJob;
}
