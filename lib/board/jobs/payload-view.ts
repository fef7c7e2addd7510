import { mustBe, UndecodablePayloadError } from '../../core/contract/errors';
import type { JobSnapshot } from '../../core/contract/job-data';
import { decodedPayload, type PayloadCodec } from '../../core/payload/payload-codec';
import { Refusal } from '../refusal';

/**
 * Shows a payload or a result in place of itself; it gets a job's id and pipeline, too. The value is JSON's own, its
 * properties may be changed.
 *
 * @example
 * payloads: (value) => ({ ...value, password: '***' })
 */
export type PayloadMask = (
  value: unknown,
  job: { readonly id: string; readonly pipeline: string },
) => unknown;

export const HIDDEN = '(hidden)';

/** How payloads are shown on a board, and whether they may be changed there. */
export class PayloadView {
  constructor(
    private readonly payloads: 'shown' | 'hidden' | PayloadMask,
    private readonly codec: PayloadCodec,
  ) {}

  /** A payload that cannot be decoded is shown as the text that is stored. */
  payloadOf(job: Pick<JobSnapshot, 'id' | 'pipeline' | 'payload' | 'garbled'>): unknown {
    return this.shown(this.decoded(job), job);
  }

  /** A text that was stored by the queue's codec: a payload, or a result. */
  textOf(payload: string, job: { readonly id: string; readonly pipeline: string }): unknown {
    return this.payloadOf({ payload, id: job.id, pipeline: job.pipeline });
  }

  shown(value: unknown, { id, pipeline }: { readonly id: string; readonly pipeline: string }): unknown {
    if (this.payloads === 'shown') return value;
    if (this.payloads === 'hidden') return HIDDEN;
    try {
      return this.payloads(structuredClone(value), { id, pipeline });
    } catch {
      // A mask that fails must not show what it was to hide.
      return HIDDEN;
    }
  }

  /** @throws Refusal when what the board shows is not what is stored: it would be stored in its place */
  checkEditable(): void {
    if (this.payloads === 'shown') return;
    throw new Refusal(403, 'Payloads are hidden or masked on this board, so they cannot be changed here.');
  }

  /** @throws Refusal for a payload that no codec of the queue reads: another job could not have the same */
  readable(job: Pick<JobSnapshot, 'payload' | 'garbled'>): unknown {
    try {
      return decodedPayload(job, this.codec);
    } catch (error) {
      if (!(error instanceof UndecodablePayloadError)) throw error;
      throw new Refusal(409, `The payload cannot be read: ${error.message}`, { cause: error });
    }
  }

  /** A text that cannot be decoded is itself. */
  decoded(job: Pick<JobSnapshot, 'payload' | 'garbled'>): unknown {
    try {
      return decodedPayload(job, this.codec);
    } catch (error) {
      if (error instanceof UndecodablePayloadError) return job.payload;
      throw error;
    }
  }
}

/** @throws InvalidJobOptionError */
export function checkedPayloads(payloads: unknown): 'shown' | 'hidden' | PayloadMask {
  if (payloads === 'shown' || payloads === 'hidden') return payloads;
  if (typeof payloads === 'function') return payloads as PayloadMask;
  throw mustBe('payloads', "'shown', 'hidden', or a function that masks a value", payloads);
}
